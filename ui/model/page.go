package model

import (
	"posagent/internal/localapi/wire"
	"posagent/ui/model/keystream"
)

// page is what has the screen, with the keys that belong to it.
type page interface {
	draw(m *Model, s *Screen)
	press(m *Model, id string)
}

// typist is a page that takes what is typed: characters, and keys that no button
// has.
type typist interface {
	typed(m *Model, k KeyPressed)
	pasted(m *Model, text string)
}

// chooser is a page with rows to choose from.
type chooser interface{ selected(m *Model, id string) }

// scanner is a page that takes what a scanner typed; it tells whether it did.
type scanner interface {
	scanned(m *Model, text string) bool
}

// listener is a page that follows sales.
type listener interface{ saleChanged(m *Model, s wire.Sale) }

// unscanner takes back characters that turned out to be a scan's.
type unscanner interface{ retract(n int) }

// top is the page that has the screen.
func (m *Model) top() page {
	switch {
	case m.askClose:
		return askClosePage{}
	case !m.link.ever, m.link.alarmed(m.now):
		return offlinePage{}
	case len(m.pages) > 0:
		return m.pages[len(m.pages)-1]
	case m.current.sale != nil || m.opening != nil:
		return salePage{}
	}
	return homePage{}
}

func (m *Model) open(p page) {
	m.notice.leave()
	m.pages = append(m.pages, p)
}

// back closes the page on top.
func (m *Model) back() {
	m.notice.leave()
	if n := len(m.pages); n > 0 {
		m.pages = m.pages[:n-1]
	}
}

// remove closes a page wherever it is.
func (m *Model) remove(p page) {
	for i, other := range m.pages {
		if other == p {
			m.pages = append(m.pages[:i:i], m.pages[i+1:]...)
			return
		}
	}
}

// leave drops the answer to a press: it was about the page before.
func (n *notice) leave() {
	if n.scan == nil {
		n.clear()
	}
}

// press does what a button stands for, if it is there and enabled.
func (m *Model) press(id string) {
	if b, ok := m.Screen().Button(id); !ok || !b.Enabled || m.pretend(id) {
		return
	}
	m.top().press(m, id)
}

// pretend makes a demonstration's scanner read a code.
func (m *Model) pretend(id string) bool {
	for _, p := range m.cfg.Pretend {
		if "pretend."+p.ID == id {
			m.do(PretendScan(p))
			return true
		}
	}
	return false
}

func (m *Model) selected(id string) {
	if c, ok := m.top().(chooser); ok && id != "" {
		c.selected(m, id)
	}
}

// maxPaste is the longest text from the clipboard that is looked at.
const maxPaste = 256

func (m *Model) pasted(text string) {
	t, ok := m.top().(typist)
	switch {
	case !ok:
	case len(text) > maxPaste:
		m.refuse(m.w.T("entry.paste_long"))
	default:
		t.pasted(m, text)
	}
}

// refuse shows what is wrong with what was just typed or pressed.
func (m *Model) refuse(text string) {
	m.notice.say(m.now, Notice{Role: RoleWarning, Icon: IconWarning, Title: text})
}

// keyPressed sorts a key: perhaps a scanner's, or a person's.
func (m *Model) keyPressed(k KeyPressed) {
	at := k.At
	if at.IsZero() || at.After(m.now) {
		at = m.now
	}
	end := k.Key == KeyEnter || k.Key == KeyTab
	if !end && k.Rune == 0 && k.Position == "" {
		m.breakStream()
		m.typed(k)
		return
	}
	var digit rune
	if len(k.Position) == 1 && k.Position[0] >= '0' && k.Position[0] <= '9' {
		digit = rune(k.Position[0])
	}
	m.deliver(m.stream.Press(keystream.Key{At: at, Rune: k.Rune, End: end, Digit: digit, Shift: k.Shift, Tag: k}))
}

// release gives out keys that need not be held back any longer.
func (m *Model) release() { m.deliver(m.stream.Flush(m.now)) }

func (m *Model) breakStream() { m.deliver(m.stream.Break()) }

func (m *Model) deliver(out []keystream.Output) {
	for _, o := range out {
		if o.Typed == nil {
			m.scanned(o)
		} else if k, ok := o.Typed.Tag.(KeyPressed); ok {
			m.typed(k)
		}
	}
}

// typed takes in a key of a person: for the button that shows it, or for the page.
func (m *Model) typed(k KeyPressed) {
	if k.Key == KeyEnter && m.now.Before(m.swallow) {
		return
	}
	if k.Key != KeyNone {
		s := m.Screen()
		for _, b := range s.keyed() {
			if b.Key == k.Key {
				if b.Enabled {
					m.press(b.ID)
				}
				return
			}
		}
	}
	if t, ok := m.top().(typist); ok {
		t.typed(m, k)
	}
}

// keyed are the buttons that have keys.
func (s *Screen) keyed() []Button {
	list := make([]Button, 0, len(s.Buttons)+len(s.Pad)+2)
	list = append(list, s.Buttons...)
	list = append(list, s.Pad...)
	return append(list, s.List.Prev, s.List.Next)
}

// scanned takes in what a scanner typed into the window: for the sale that waits,
// whatever has the focus.
func (m *Model) scanned(o keystream.Output) {
	if u, ok := m.top().(unscanner); ok && o.Retract > 0 {
		u.retract(o.Retract)
	}
	text := o.Scan
	switch s := m.current.sale; {
	case !m.link.up:
		m.refuseScan(m.w.T("scan.offline"))
	case o.TooLong:
		m.refuseScan(m.w.T("scan.too_long"))
	case s != nil && scannable(s):
		req := SendCode{SaleID: s.SaleID, Code: Code(text)}
		if !m.call(req, "code:"+s.SaleID, m.codeSent) && m.calls.request("code:"+s.SaleID) != req {
			m.refuseScan(m.w.T("problem.code_not_expected")) // another code is on its way
		}
	default:
		if p, ok := m.top().(scanner); !ok || !p.scanned(m, text) {
			m.refuseScan(m.w.T("scan.no_sale"))
		}
	}
}

func (m *Model) refuseScan(text string) {
	m.notice.say(m.now, Notice{Role: RoleRefused, Icon: IconCross, Title: text})
	m.play(SoundWrongCode)
}

// codeSent hears what became of a scan. A code that was refused is told by the
// daemon's notice, which has the words; the answer itself stands in where that one
// does not come.
func (m *Model) codeSent(r Reply) {
	switch {
	case r.Err == nil:
	case m.notice.scan != nil && m.now.Sub(m.notice.came) < told:
	default:
		m.complain(r.Err)
		m.play(SoundWrongCode)
	}
}
