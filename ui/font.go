package ui

import (
	"bytes"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/go-text/typesetting/font"
)

// Face is the fonts of one language.
type Face struct {
	Lang          string
	Regular, Bold fyne.Resource
}

// fontSet finds the font that has all letters of a text, since a list may name every
// language in its own script. Each text gets a font of this program: the system's
// own are looked for only where a letter is in none of them, such as in the name of
// a shop, because they cut off Thai vowels and mix two faces in one Chinese line.
type fontSet struct {
	faces []face
	found map[fontKey]fyne.Resource
}

type fontKey struct {
	text, lang string
	bold       bool
}

// face is a Face whose letters are known.
type face struct {
	Face
	has *font.Face
}

// newFontSet takes the faces in order of preference for texts of unknown languages;
// Latin letters come from Fyne's own Noto Sans, which is first.
func newFontSet(list []Face) (*fontSet, error) {
	latin := Face{Lang: "en", Regular: theme.DefaultTextFont(), Bold: theme.DefaultTextBoldFont()}
	f := &fontSet{found: map[fontKey]fyne.Resource{}}
	for _, l := range append([]Face{latin}, list...) {
		has, err := font.ParseTTF(bytes.NewReader(l.Regular.Content()))
		if err != nil {
			return nil, err
		}
		f.faces = append(f.faces, face{Face: l, has: has})
	}
	return f, nil
}

// pick is the font for a text of a language.
func (f *fontSet) pick(text, lang string, bold bool) fyne.Resource {
	key := fontKey{text, lang, bold}
	if r, ok := f.found[key]; ok {
		return r
	}
	if len(f.found) > 4096 { // countdowns and amounts: new texts for ever
		clear(f.found)
	}
	best := f.best(text, lang)
	r := best.Regular
	if bold {
		r = best.Bold
	}
	f.found[key] = r
	return r
}

// best is the language's own face where it has all letters, else the first that
// has them, else the one that lacks the fewest.
func (f *fontSet) best(text, lang string) face {
	order := slices.Clone(f.faces)
	if i := slices.IndexFunc(order, func(c face) bool { return c.Lang == lang }); i > 0 {
		own := order[i]
		order = slices.Insert(slices.Delete(order, i, i+1), 0, own)
	}
	best, fewest := order[0], -1
	for _, c := range order {
		lacks := c.lacks(text)
		if lacks == 0 {
			return c
		}
		if fewest < 0 || lacks < fewest {
			best, fewest = c, lacks
		}
	}
	return best
}

func (c face) lacks(text string) int {
	n := 0
	for _, r := range text {
		if _, ok := c.has.NominalGlyph(r); !ok && r >= ' ' {
			n++
		}
	}
	return n
}
