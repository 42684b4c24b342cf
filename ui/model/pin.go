package model

import (
	"errors"
	"time"

	"posagent/internal/localapi/wire"
)

// The problems about supervisors.
const (
	supervisorRequired wire.Code = "supervisor_required"
	supervisorRefused  wire.Code = "supervisor_refused"
)

// allowed is a request that a supervisor may have to allow.
type allowed interface {
	Request
	by(s Supervisor) Request
}

func (r Cancel) by(s Supervisor) Request     { r.Supervisor = s; return r }
func (r Resolve) by(s Supervisor) Request    { r.Supervisor = s; return r }
func (r GiveBack) by(s Supervisor) Request   { r.Supervisor = s; return r }
func (r CloseShift) by(s Supervisor) Request { r.Supervisor = s; return r }

// pinPage asks for a supervisor's name and PIN. It keeps the intention that needs
// them; attempts are counted by the daemon.
type pinPage struct {
	form
	req     allowed
	key     string
	done    func(Reply)
	refused *wire.Problem // the newest PIN; nil once another one is typed
}

// supervised takes over an intention that the daemon does not allow without a
// supervisor, and tells whether it did. Any other answer closes the page that asked
// for the PIN.
func (m *Model) supervised(p *pending, err error) bool {
	var asked *pinPage
	for _, pg := range m.pages {
		if pin, ok := pg.(*pinPage); ok && pin.key == p.key {
			asked = pin
		}
	}
	code := problemCode(err)
	req, ok := p.req.(allowed)
	switch {
	case ok && (code == supervisorRequired || code == supervisorRefused):
		if asked == nil {
			asked = &pinPage{req: req, key: p.key, done: p.done}
			asked.fields = []input{{id: "name", limit: 64}, {id: "pin", limit: 32, secret: true}}
			m.open(asked)
		}
		if code == supervisorRefused {
			asked.refuse(err)
		}
		return true
	case asked != nil && !transient(err):
		m.remove(asked)
	case asked != nil:
		asked.field("pin").err = m.problem(err)
		return true
	}
	return false
}

// refuse keeps how the daemon judged the PIN, which is typed anew.
func (p *pinPage) refuse(err error) {
	p.field("pin").text, p.focus = nil, 1
	errors.As(err, &p.refused)
}

// typed takes back what was said of the PIN before, but for a wait that goes on.
func (p *pinPage) typed(m *Model, k KeyPressed) {
	if p.refused != nil && p.refused.WaitUntil == nil && k.Rune != 0 {
		p.refused = nil
	}
	p.form.typed(m, k)
}

// judged is what was said of the newest PIN, in the window's own words: how many
// tries are left before a wait, or how long that still is.
func (p *pinPage) judged(m *Model) string {
	switch r := p.refused; {
	case r == nil:
		return ""
	case r.WaitUntil != nil:
		if left := r.WaitUntil.Sub(m.now); left > 0 {
			return m.w.T("pin.wait", m.w.Span((left + time.Second - 1).Truncate(time.Second)))
		}
		return ""
	case r.TriesLeft != nil:
		return m.w.T("pin.tries", itoa(*r.TriesLeft))
	}
	return m.w.T("pin.wrong")
}

func (p *pinPage) draw(m *Model, s *Screen) {
	s.Kind = KindPIN
	s.Band = Band{Role: RoleWarning, Icon: IconLock, Title: m.w.T("pin.title")}
	s.Money, s.ActionLabel, s.Action = m.w.T("pin.text"), m.w.T("label.action"), m.w.T("pin.action")
	p.form.draw(s, func(id string) (string, string) {
		if id == "pin" {
			return m.w.T("field.pin"), ""
		}
		return m.w.T("field.name"), ""
	})
	if judged := p.judged(m); judged != "" {
		s.Fields[1].Error = judged
	}
	for _, d := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"} {
		s.Pad = append(s.Pad, Button{ID: "pad." + d, Label: d, Weight: WeightPlain, Enabled: true})
	}
	busy := m.calls.busy(p.key)
	s.Buttons = []Button{
		button("pin.ok", m.w.T("button.ok"), KeyEnter, WeightMain).when(!busy && p.value("name") != "" && len(p.field("pin").text) > 0),
		button("back", m.w.T("button.back"), KeyEscape, WeightPlain).when(!busy),
	}
}

func (p *pinPage) press(m *Model, id string) {
	switch id {
	case "back":
		m.back()
	case "pin.ok":
		by := Supervisor{Name: p.value("name"), PIN: PIN(string(p.field("pin").text))}
		m.call(p.req.by(by), p.key, p.done)
	default:
		p.focus = 1
		p.typed(m, KeyPressed{Rune: rune(id[len(id)-1])})
	}
}
