package model

import (
	"strings"
	"time"

	"posagent/internal/localapi/wire"
)

// salePage is the sale that has the screen.
type salePage struct{}

// opening is a sale that was asked for here and is not confirmed yet.
type opening struct {
	id     string
	amount wire.Money
	failed bool // nobody answered; the same may be sent again
}

func (salePage) draw(m *Model, s *Screen) {
	if m.current.sale == nil {
		m.drawOpening(s)
		return
	}
	sale := m.current.drawn()
	t := m.w.Message(sale.Message)
	role, icon := look(sale.State)
	s.Kind = kindOf(sale.State)
	s.Band = Band{Role: role, Icon: icon, Title: t.Title}
	s.AmountLabel, s.Amount = m.w.T("amount.label"), m.w.Money(sale.Amount)
	s.Money, s.Action, s.Say = t.Money, t.Action, t.Say
	s.ActionLabel, s.SayLabel = m.w.T("label.action"), m.w.T("label.say")
	s.Small = m.saleSmall(sale, t.Detail)
	m.drawTime(s, sale)
	if m.wrongCode() {
		m.drawWrongCode(s)
	}
	m.saleButtons(s)
	if m.current.askCancel {
		m.drawAskCancel(s)
	}
}

func kindOf(state wire.State) Kind {
	switch state {
	case wire.Waiting, wire.Processing, wire.Confirming, wire.Checking, wire.Reversing, wire.Paid, wire.Declined,
		wire.Cancelled, wire.Expired, wire.Attention:
		return Kind(state)
	}
	return KindAttention
}

func (m *Model) drawTime(s *Screen, sale *wire.Sale) {
	switch sale.State {
	case wire.Waiting:
		s.Countdown = m.left(sale.CreatedAt, sale.ExpiresAt)
	case wire.Declined:
		if scannable(sale) {
			s.Countdown = m.left(sale.CreatedAt, sale.ExpiresAt)
		}
	case wire.Processing, wire.Confirming, wire.Checking, wire.Reversing:
		if n := len(sale.Payments); n > 0 {
			s.Countdown = m.passed(sale.Payments[n-1].CreatedAt)
		}
	case wire.Paid, wire.Cancelled, wire.Expired, wire.Attention:
	}
}

// saleSmall is the small print: what store IT and support ask for.
func (m *Model) saleSmall(s *wire.Sale, detail string) string {
	code := ""
	if s.Message.Code != "" && s.Message.Code != s.Message.Key && s.State != wire.Paid {
		code = m.w.T("small.code", s.Message.Code)
	}
	number := ""
	if s.State == wire.Attention || s.State == wire.Reversing {
		number = s.MerchantTransID
	}
	return small(code, detail, m.w.T("small.sale", s.SaleID), number, brief(s.Code))
}

// brief is a masked code with one mark for all that is masked: Chinese fonts have
// dots as wide as a character.
func brief(masked string) string {
	first, rest, ok := strings.Cut(masked, "•")
	if !ok {
		return masked
	}
	return first + "…" + strings.TrimLeft(rest, "•")
}

func (m *Model) drawWrongCode(s *Screen) {
	n := s.Notice
	s.Kind = KindWrongCode
	s.Band = Band{Role: RoleRefused, Icon: IconCross, Title: n.Title}
	s.Money, s.Action = n.Text, n.Action
	s.Notice = Notice{}
}

func (m *Model) drawAskCancel(s *Screen) {
	s.Kind = KindAskCancel
	s.Notice = Notice{Role: RoleWarning, Icon: IconAsk, Title: m.w.T("ask_cancel.title"), Text: m.w.T("ask_cancel.text")}
	s.Buttons = []Button{
		button("cancel.yes", m.w.T("button.cancel_yes"), KeyF8, WeightDanger).when(!m.calls.busy("cancel:" + m.current.id())),
		button("cancel.no", m.w.T("button.cancel_no"), KeyEscape, WeightMain),
	}
}

// saleButtons follow from what the sale is, not from what is drawn for a moment.
func (m *Model) saleButtons(s *Screen) {
	sale := m.current.sale
	id := sale.SaleID
	add := func(b Button) { s.Buttons = append(s.Buttons, b) }
	if m.current.dismissible() {
		add(button("next", m.w.T("button.next"), KeyEnter, WeightMain))
	}
	switch sale.State {
	case wire.Attention:
		add(button("copy", m.w.T("button.copy"), KeyF2, WeightPlain))
	case wire.Declined, wire.Cancelled, wire.Expired:
		if m.cfg.AmountEntry && sale.Final {
			add(button("again", m.w.T("button.again"), KeyF2, WeightPlain).when(m.status.Till.Ready))
		}
	case wire.Waiting, wire.Processing, wire.Confirming, wire.Checking, wire.Reversing, wire.Paid:
	}
	switch sale.State {
	case wire.Confirming, wire.Checking, wire.Reversing, wire.Attention:
		add(button("check", m.w.T("button.check"), KeyF5, WeightPlain).when(!m.calls.busy("check:" + id)))
	case wire.Waiting, wire.Processing, wire.Paid, wire.Declined, wire.Cancelled, wire.Expired:
	}
	if m.current.dismissible() {
		add(button("details", m.w.T("button.details"), KeyF6, WeightPlain))
	}
	if sale.State == wire.Paid {
		add(button("print", m.w.T("button.print"), KeyF7, WeightPlain).when(!m.calls.busy("print:" + id)))
	}
	if cancellable(sale) {
		add(button("cancel", m.w.T("button.cancel"), KeyEscape, WeightPlain).when(!m.calls.busy("cancel:" + id)))
	}
}

func (salePage) press(m *Model, id string) {
	if m.current.sale == nil {
		m.pressOpening(id)
		return
	}
	sale := m.current.sale
	switch id {
	case "next":
		m.dismiss()
	case "again":
		m.dismiss()
		m.openSale(m.cfg.NewID("W"), sale.Amount)
	case "cancel":
		if scannable(sale) {
			m.cancel(sale.SaleID)
		} else {
			m.current.askCancel = true
		}
	case "cancel.yes":
		m.current.askCancel = false
		m.cancel(sale.SaleID)
	case "cancel.no":
		m.current.askCancel = false
	case "check":
		m.recheck(sale.SaleID)
	case "copy":
		m.copySale(sale)
	case "details":
		m.openDetails(*sale)
	case "print":
		m.printReceipt(sale.SaleID, "", false)
	}
}

func (m *Model) cancel(id string) { m.call(Cancel{SaleID: id}, "cancel:"+id, nil) }

func (m *Model) recheck(id string) {
	m.call(Recheck{SaleID: id}, "check:"+id, func(r Reply) {
		if r.Err != nil {
			m.complain(r.Err)
			return
		}
		m.notice.say(m.now, Notice{Role: RoleIdle, Icon: IconAsk, Title: m.w.T("checked.title")})
	})
}

// copySale puts what support asks for on the clipboard, in English.
func (m *Model) copySale(s *wire.Sale) {
	lines := []string{
		"sale: " + s.SaleID, "state: " + string(s.State), "amount: " + s.Amount.String(),
		"time: " + s.CreatedAt.Format(time.RFC3339), "message: " + s.Message.Code,
	}
	for _, p := range s.Payments {
		lines = append(lines, "merchantTransId: "+p.MerchantTransID)
		if p.AcquirementID != "" {
			lines = append(lines, "acquirementId: "+p.AcquirementID)
		}
	}
	m.do(Copy{Text: strings.Join(lines, "\n") + "\n"})
	m.notice.say(m.now, Notice{Role: RoleIdle, Icon: IconCheck, Title: m.w.T("copied.title")})
}

// printReceipt fetches a receipt and prints it.
func (m *Model) printReceipt(saleID, refundID string, reprint bool) {
	m.call(LoadReceipt{SaleID: saleID, RefundID: refundID, Reprint: reprint}, "print:"+saleID, func(r Reply) {
		if r.Receipt == nil {
			m.complain(r.Err)
			return
		}
		m.do(Print{Receipt: *r.Receipt})
	})
}

// printed says what became of a receipt, and nothing before it is known.
func (m *Model) printed(p Printed) {
	n := Notice{Role: RoleIdle, Icon: IconCheck, Title: m.w.T("printed.title")}
	switch {
	case p.File != "":
		n = Notice{Role: RoleWarning, Icon: IconWarning, Title: m.w.T("printed.kept"), Text: p.File}
	case p.Err != nil:
		n = Notice{Role: RoleWarning, Icon: IconWarning, Title: m.w.T("printed.failed"), Text: p.Err.Error()}
	}
	m.notice.say(m.now, n)
}

func (m *Model) drawOpening(s *Screen) {
	o := m.opening
	s.Kind = KindOpening
	s.Band = Band{Role: RoleBusy, Icon: IconWait, Title: m.w.T("opening.title")}
	s.AmountLabel, s.Amount = m.w.T("amount.label"), m.w.Money(o.amount)
	s.ActionLabel = m.w.T("label.action")
	s.Money, s.Action = m.w.T("opening.money"), m.w.T("opening.action")
	s.Small = m.w.T("small.sale", o.id)
	if o.failed {
		s.Band = Band{Role: RoleWarning, Icon: IconPlug, Title: m.w.T("opening.failed.title")}
		s.Action = m.w.T("opening.failed.action")
		s.Buttons = append(s.Buttons, button("retry", m.w.T("button.retry"), KeyEnter, WeightMain))
	}
	s.Buttons = append(s.Buttons, button("giveup", m.w.T("button.cancel"), KeyEscape, WeightPlain))
}

func (m *Model) pressOpening(id string) {
	switch id {
	case "retry":
		o := *m.opening
		m.openSale(o.id, o.amount)
	case "giveup":
		o := m.opening
		m.calls.drop("open")
		m.opening = nil
		// It may have been opened all the same, or be opened yet. A sale that nobody
		// waits for must not stay in the foreground: see show.
		m.known.dismiss(o.id)
		m.abandoned = o.id
		m.call(Cancel{SaleID: o.id}, "cancel:"+o.id, func(Reply) {})
	}
}

// openSale opens a sale, or asks for the same one again.
func (m *Model) openSale(id string, amount wire.Money) {
	if m.calls.busy("open") {
		return
	}
	m.opening = &opening{id: id, amount: amount}
	m.hush()
	m.call(OpenSale{SaleID: id, Amount: amount}, "open", func(r Reply) {
		o := m.opening
		switch {
		case o == nil || o.id != id: // it is shown already, or given up
		case r.Sale != nil:
			m.show(*r.Sale)
		case transient(r.Err):
			o.failed = true
		default:
			m.opening = nil
			m.openingRefused(r.Err, amount)
		}
	})
}

// openingRefused goes back to the amount, with what stood in the way.
func (m *Model) openingRefused(err error, amount wire.Money) {
	m.open(newEntry(m.currency(), amount))
	m.complain(err)
	if problemCode(err) != wire.CodeTillBusy {
		return
	}
	if id := problemSale(err); id != "" {
		m.call(LoadSale{SaleID: id}, "load:"+id, func(r Reply) {
			if r.Sale != nil {
				m.show(*r.Sale)
			}
		})
	}
}
