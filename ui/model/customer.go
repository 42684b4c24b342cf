package model

import "posagent/internal/localapi/wire"

// customer is what the customer's display shows. What has no clear end for the
// customer sends them to the staff and says nothing about money.
func (m *Model) customer() Customer {
	c := Customer{Lang: m.lang, Shop: m.cfg.Header, Role: RoleIdle, Icon: IconReady, Title: m.w.T("customer.welcome")}
	sale := m.current.drawn()
	switch {
	case sale == nil && m.opening == nil:
		return c
	case sale == nil:
		c.Amount, c.Title = m.w.Money(m.opening.amount), m.w.T("customer.moment")
		c.Role, c.Icon = RoleBusy, IconWait
		return c
	}
	c.Amount = m.w.Money(sale.Amount)
	if !m.link.up && !sale.Final {
		c.Role, c.Icon, c.Title = RoleBusy, IconWait, m.w.T("customer.moment")
		return c
	}
	c.Role, c.Icon = look(sale.State)
	switch sale.State {
	case wire.Waiting:
		c.Title = m.w.T("customer.show_code")
	case wire.Processing, wire.Checking:
		c.Role, c.Icon, c.Title = RoleBusy, IconWait, m.w.T("customer.moment")
	case wire.Confirming:
		c.Title = m.w.T("customer.confirm")
	case wire.Paid:
		c.Title, c.Line = m.w.T("customer.paid"), m.w.T("customer.thanks")
	case wire.Declined:
		if scannable(sale) {
			c.Title, c.Line = m.w.T("customer.fresh_code"), m.w.T("customer.not_paid")
		} else {
			c.Title, c.Line = m.w.T("customer.not_paid"), m.w.T("customer.staff")
		}
	case wire.Expired:
		c.Title, c.Line = m.w.T("customer.expired"), m.w.T("customer.staff")
	case wire.Cancelled:
		c.Title, c.Line = m.w.T("customer.cancelled"), m.w.T("customer.staff")
	case wire.Reversing:
		c.Title, c.Line = m.w.T("customer.cancelling"), m.w.T("customer.staff")
	case wire.Attention:
		c.Role, c.Icon, c.Title = RoleUnknown, IconPerson, m.w.T("customer.staff")
	default:
		c.Role, c.Icon, c.Title = RoleUnknown, IconPerson, m.w.T("customer.staff")
	}
	if m.wrongCode() {
		c.Title = m.w.T("customer.other_code")
	}
	return c
}
