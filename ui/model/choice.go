package model

import "posagent/internal/localapi/wire"

// warningsPage lists all that stands in the way, with the remedies.
type warningsPage struct{ at int }

func (p *warningsPage) all(m *Model) []wire.Warning {
	list := append([]wire.Warning(nil), m.status.Till.Reasons...)
	for _, w := range m.status.Warnings {
		same := false
		for _, r := range m.status.Till.Reasons {
			same = same || r.Code == w.Code && r.Subject == w.Subject
		}
		if !same {
			list = append(list, w)
		}
	}
	return list
}

func (p *warningsPage) draw(m *Model, s *Screen) {
	s.Kind = KindWarnings
	list := p.all(m)
	s.Band = Band{Role: RoleWarning, Icon: IconWarning, Title: m.w.T("warnings.title")}
	s.List.Title, s.List.Empty = m.w.T("warnings.list"), m.w.T("warnings.none")
	rows := make([]Row, len(list))
	for i, w := range list {
		t := m.warning(w)
		rows[i] = Row{ID: itoa(i), Role: RoleWarning, Icon: IconWarning, Left: m.clock(w.Since), Main: t.Title, Small: w.Subject}
	}
	p.at = min(p.at, max(len(list)-1, 0))
	m.pageOf(&s.List, rows, p.at)
	if len(list) > 0 {
		m.drawWarning(s, list[p.at])
	} else {
		s.Band = Band{Role: RoleIdle, Icon: IconCheck, Title: m.w.T("warnings.none")}
	}
	s.Buttons = []Button{button("back", m.w.T("button.back"), KeyEscape, WeightMain)}
}

func (p *warningsPage) press(m *Model, id string) {
	switch id {
	case "back":
		m.back()
	case "page.prev":
		p.at = max(p.at-m.rows, 0)
	case "page.next":
		p.at += m.rows
	}
}

func (p *warningsPage) typed(_ *Model, k KeyPressed) {
	switch k.Key {
	case KeyUp:
		p.at = max(p.at-1, 0)
	case KeyDown:
		p.at++
	}
}

func (p *warningsPage) pasted(*Model, string) {}

func (p *warningsPage) selected(m *Model, id string) {
	for i := range p.all(m) {
		if itoa(i) == id {
			p.at = i
		}
	}
}

// languagePage is the choice of the language, each in its own words.
type languagePage struct{ at int }

func (m *Model) openLanguage() {
	p := &languagePage{}
	for i, l := range m.cfg.Languages {
		if l.Tag == m.lang {
			p.at = i
		}
	}
	m.open(p)
}

func (p *languagePage) draw(m *Model, s *Screen) {
	s.Kind = KindLanguage
	s.Band = Band{Role: RoleIdle, Icon: IconList, Title: m.w.T("language.title")}
	rows := make([]Row, len(m.cfg.Languages))
	for i, l := range m.cfg.Languages {
		rows[i] = Row{ID: l.Tag, Main: l.Name}
		if l.Tag == m.lang {
			rows[i].Icon = IconCheck
		}
	}
	s.List.Title = m.w.T("language.title")
	m.pageOf(&s.List, rows, p.at)
	s.Buttons = []Button{
		button("language.ok", m.w.T("button.ok"), KeyEnter, WeightMain),
		button("back", m.w.T("button.back"), KeyEscape, WeightPlain),
	}
}

func (p *languagePage) press(m *Model, id string) {
	switch id {
	case "language.ok":
		p.selected(m, m.cfg.Languages[p.at].Tag)
	case "back":
		m.back()
	case "page.prev":
		p.at = max(p.at-m.rows, 0)
	case "page.next":
		p.at = min(p.at+m.rows, len(m.cfg.Languages)-1)
	}
}

func (p *languagePage) selected(m *Model, tag string) {
	for _, l := range m.cfg.Languages {
		if l.Tag == tag {
			m.back()
			m.setLanguage(tag)
			m.do(SetLanguage{Lang: tag})
			return
		}
	}
}

func (p *languagePage) typed(m *Model, k KeyPressed) {
	switch k.Key {
	case KeyUp:
		p.at = max(p.at-1, 0)
	case KeyDown:
		p.at = min(p.at+1, len(m.cfg.Languages)-1)
	}
}

func (p *languagePage) pasted(*Model, string) {}
