package model

import (
	"slices"
	"strings"
	"unicode"
)

// form is a page's lines that take text; one of them has the focus.
type form struct {
	fields []input
	focus  int
}

// input is one line of text.
type input struct {
	id     string
	text   []rune
	limit  int // characters
	secret bool
	err    string
}

func (f *form) field(id string) *input {
	i := slices.IndexFunc(f.fields, func(in input) bool { return in.id == id })
	return &f.fields[max(i, 0)]
}

func (f *form) value(id string) string { return strings.TrimSpace(string(f.field(id).text)) }

// typed edits the line that has the focus; Tab and the arrows move on.
func (f *form) typed(_ *Model, k KeyPressed) {
	in := &f.fields[f.focus]
	switch {
	case k.Rune != 0 && unicode.IsPrint(k.Rune):
		if len(in.text) < in.limit {
			in.text = append(in.text, k.Rune)
		}
		in.err = ""
	case k.Key == KeyBackspace && len(in.text) > 0:
		in.text = in.text[:len(in.text)-1]
	case k.Key == KeyDelete:
		in.text = nil
	case k.Key == KeyTab && k.Shift, k.Key == KeyUp:
		f.focus = (f.focus + len(f.fields) - 1) % len(f.fields)
	case k.Key == KeyTab, k.Key == KeyDown:
		f.focus = (f.focus + 1) % len(f.fields)
	}
}

// pasted adds a text, without what no line can hold.
func (f *form) pasted(m *Model, text string) {
	for _, r := range strings.TrimSpace(text) {
		if unicode.IsPrint(r) {
			f.typed(m, KeyPressed{Rune: r})
		}
	}
}

func (f *form) retract(n int) {
	in := &f.fields[f.focus]
	in.text = in.text[:max(0, len(in.text)-n)]
}

// selectedField gives the focus to a line that was tapped.
func (f *form) selected(_ *Model, id string) {
	if i := slices.IndexFunc(f.fields, func(in input) bool { return in.id == id }); i >= 0 {
		f.focus = i
	}
}

// draw makes a Field of each line; labels are by id.
func (f *form) draw(s *Screen, label func(id string) (name, hint string)) {
	for i, in := range f.fields {
		name, hint := label(in.id)
		text := string(in.text)
		if in.secret {
			text = strings.Repeat("•", len(in.text))
		}
		s.Fields = append(s.Fields, Field{
			ID: in.id, Label: name, Text: text, Hint: hint, Error: in.err, Focused: i == f.focus, Secret: in.secret,
		})
	}
}
