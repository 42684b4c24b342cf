package model

import (
	"slices"
	"time"

	"posagent/internal/localapi/wire"
)

// current is the sale that has the screen: in the foreground, or ended and not
// dismissed yet.
type current struct {
	sale       *wire.Sale
	background bool      // the till has let go of it: it may be dismissed as it is
	letGo      time.Time // since when the status names another sale, or none
	askCancel  bool      // the cashier is asked whether to cancel what was sent

	// before is drawn instead until lag: what lasts less is not shown.
	before *wire.Sale
	lag    time.Time
}

// flash is how long "processing" must last to be shown: most payments are done
// before anybody could read it.
const flash = 300 * time.Millisecond

// settle is how long the status must name no sale before one that is under way
// counts as let go: events of sale and status come one after the other.
const settle = 2 * time.Second

// deaf is how long a new screen takes no Enter: it may have been meant for the one
// before, and an Enter dismisses a result.
const deaf = 400 * time.Millisecond

func (c *current) id() string {
	if c.sale == nil {
		return ""
	}
	return c.sale.SaleID
}

func (c *current) lagEnds() time.Time {
	if c.before == nil {
		return time.Time{}
	}
	return c.lag
}

// drawn is the sale as it is on the screen.
func (c *current) drawn() *wire.Sale {
	if c.before != nil {
		return c.before
	}
	return c.sale
}

// underWay tells whether the till is still busy with it.
func (c *current) underWay() bool {
	return c.sale != nil && !c.sale.Final && !c.dismissible()
}

// dismissible tells whether the cashier may go on to the next customer.
func (c *current) dismissible() bool {
	if c.sale == nil {
		return false
	}
	switch c.sale.State {
	case wire.Reversing, wire.Attention:
		return true
	case wire.Waiting, wire.Processing, wire.Confirming, wire.Checking, wire.Declined, wire.Paid, wire.Cancelled, wire.Expired:
	}
	return c.sale.Final || c.background
}

func (c *current) pass(m *Model) {
	if c.before != nil && !m.now.Before(c.lag) {
		c.before = nil
	}
	switch {
	case c.sale == nil, !m.link.up, m.status.Till.Foreground == c.sale.SaleID, m.calls.busy("open"):
		c.letGo = time.Time{}
	case c.letGo.IsZero():
		c.letGo = m.now
	case m.now.Sub(c.letGo) >= settle:
		c.background = true
	}
}

// show gives the screen to a sale. What was open waits below.
func (m *Model) show(s wire.Sale) {
	if m.current.id() == s.SaleID {
		m.update(s)
		return
	}
	if s.SaleID == m.abandoned && scannable(&s) {
		m.call(Cancel{SaleID: s.SaleID}, "cancel:"+s.SaleID, func(Reply) {})
		return
	}
	if m.current.sale == nil {
		m.parked = m.pages
	}
	m.pages = nil
	if m.opening != nil && m.opening.id == s.SaleID {
		m.opening = nil
	}
	m.notice.clear()
	m.current = current{sale: &s}
	if s.State != wire.Waiting {
		m.sound(nil, &s)
	}
	m.hush()
}

// hush makes the screen deaf to an Enter that was meant for the one before.
func (m *Model) hush() { m.swallow = m.now.Add(deaf) }

// update takes in a newer version of the sale that is shown.
func (m *Model) update(s wire.Sale) {
	old := m.current.sale
	if s.Version < old.Version {
		return
	}
	m.current.sale = &s
	if old.State == s.State && old.Message.Key == s.Message.Key && len(old.Payments) == len(s.Payments) {
		return
	}
	m.sound(old, &s)
	if n := m.notice.sale; n == s.SaleID {
		m.notice.clear()
	}
	if s.State == wire.Processing && scannable(old) {
		m.current.before, m.current.lag = old, m.now.Add(flash)
	} else if s.State != wire.Processing {
		m.current.before = nil
	}
	if !cancellable(&s) {
		m.current.askCancel = false
	}
	if old.State != s.State {
		m.pages = nil
		m.hush()
	}
}

// scannable tells whether a sale takes a code.
func scannable(s *wire.Sale) bool {
	return s.State == wire.Waiting || s.State == wire.Declined && s.CanRescan && !s.Final
}

// cancellable tells whether the cashier may cancel.
func cancellable(s *wire.Sale) bool {
	switch s.State {
	case wire.Waiting, wire.Processing, wire.Confirming, wire.Checking:
		return true
	case wire.Declined:
		return !s.Final
	case wire.Reversing, wire.Paid, wire.Cancelled, wire.Expired, wire.Attention:
	}
	return false
}

// dismiss frees the screen for the next customer.
func (m *Model) dismiss() {
	if m.current.sale == nil {
		return
	}
	m.known.dismiss(m.current.id())
	m.current = current{}
	m.notice.clear()
	m.pages, m.parked = m.parked, nil
}

// saleChanged takes in a sale as it is now, from wherever it comes.
func (m *Model) saleChanged(s wire.Sale) {
	before, met := m.known.get(s.SaleID)
	m.take(s)
	switch {
	case s.SaleID == m.current.id():
		m.update(s)
	case s.SaleID == m.abandoned && scannable(&s), m.opening != nil && s.SaleID == m.opening.id:
		m.show(s)
	case m.known.dismissed(s.SaleID):
		if met && before.State != wire.Attention && s.State == wire.Attention {
			m.play(SoundAttention)
		}
	case s.State == wire.Waiting, s.SaleID == m.status.Till.Foreground:
		m.show(s) // nothing but the foreground waits for a code
	}
}

// take remembers a sale, for the lists and for whoever looks at it.
func (m *Model) take(s wire.Sale) {
	if !m.known.put(s) {
		return
	}
	for _, list := range [][]page{m.pages, m.parked} {
		for _, p := range list {
			if l, ok := p.(listener); ok {
				l.saleChanged(m, s)
			}
		}
	}
}

// known are the newest sales, to be looked at without a call.
type known struct {
	sales []wire.Sale // newest first
	gone  []string    // ids that were dismissed
}

const maxKnown = 60

// put takes in a sale unless a newer version of it is there.
func (k *known) put(s wire.Sale) bool {
	if i := k.index(s.SaleID); i >= 0 {
		if s.Version < k.sales[i].Version {
			return false
		}
		k.sales[i] = s
		return true
	}
	k.sales = append(k.sales, s)
	slices.SortStableFunc(k.sales, func(a, b wire.Sale) int { return b.CreatedAt.Compare(a.CreatedAt) })
	k.sales = k.sales[:min(len(k.sales), maxKnown)]
	return true
}

func (k *known) index(id string) int {
	return slices.IndexFunc(k.sales, func(s wire.Sale) bool { return s.SaleID == id })
}

func (k *known) get(id string) (wire.Sale, bool) {
	if i := k.index(id); i >= 0 {
		return k.sales[i], true
	}
	return wire.Sale{}, false
}

// heard tells whether a picture has the sale.
func (k *known) heard(id string, p wire.Picture) bool {
	if p.Last != nil && p.Last.SaleID == id {
		return true
	}
	return slices.ContainsFunc(p.Unsettled, func(s wire.Sale) bool { return s.SaleID == id })
}

func (k *known) dismiss(id string) {
	k.gone = append(k.gone, id)
	k.gone = k.gone[max(0, len(k.gone)-maxKnown):]
}

func (k *known) dismissed(id string) bool { return slices.Contains(k.gone, id) }

// loadRecent fetches the latest sales for the column beside the rest.
func (m *Model) loadRecent() {
	m.call(Search{Limit: recentRows}, "recent", func(r Reply) {
		if r.Sales != nil {
			for _, s := range r.Sales.Sales {
				m.take(s)
			}
		}
	})
}
