package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"posagent/offline/cashier"
	"posagent/ui/model"
)

// newTestBoard is a board of a size in a window of the toolkit's test driver.
func newTestBoard(t *testing.T, size fyne.Size, do func(model.Event)) *Board {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkPalette()))
	b, err := NewBoard(Options{Palette: DarkPalette(), Faces: Faces(), Do: do})
	if err != nil {
		t.Fatal(err)
	}
	w := test.NewTempWindow(t, b)
	w.SetPadded(false)
	w.Resize(size)
	return b
}

// sizes are canvases in units: what is left of a display after its scale factor.
func sizes() []fyne.Size {
	return []fyne.Size{
		{Width: 800, Height: 600}, {Width: 1024, Height: 768}, {Width: 1366, Height: 768},
		{Width: 3840, Height: 2160}, {Width: 640, Height: 480}, {Width: 768, Height: 1024},
	}
}

func TestNoScreenIsCutOffInAnyLanguageAtAnySize(t *testing.T) {
	list := sizes()
	if testing.Short() || raceEnabled {
		list = list[:1]
	}
	for _, lang := range languages() {
		t.Run(string(lang), func(t *testing.T) {
			var room int
			b := newTestBoard(t, list[0], func(e model.Event) { room = e.(model.Room).Rows })
			for _, training := range []bool{false, true} {
				for _, s := range gallery(t, lang, training, long()) {
					for _, size := range list {
						b.screen, b.size = s.screen, size
						b.redraw()
						if rows := b.screen.List.Rows; len(rows) > room && len(rows) > 0 {
							b.screen.List.Rows = rows[:room] // as the model does when it hears of the room
							b.redraw()
						}
						for _, fault := range faults(b, size) {
							t.Errorf("%s, training %v, %v × %v: %s", s.name, training, size.Width, size.Height, fault)
						}
					}
				}
			}
		})
	}
}

// languages are all, or one where drawing is slow and already played in full.
func languages() []cashier.Lang {
	if raceEnabled {
		return []cashier.Lang{cashier.Thai}
	}
	return cashier.Langs()
}

// leastText is the smallest that anything may be written, in design units: a third
// of the size at which most is.
const leastText = 8.9

// faults judges where everything was placed.
func faults(b *Board, size fyne.Size) []string {
	var out []string
	scale := unit(size)
	page := box{0, 0, size.Width / scale, size.Height / scale}
	marks := b.sheet.marks
	for name, tight := range b.sheet.tight {
		if tight {
			out = append(out, name+" does not fit")
		}
	}
	for i, m := range marks {
		if m.text == "" {
			if m.at.w < touch-0.5 || m.at.h < touch-0.5 {
				out = append(out, fmt.Sprintf("%s is %v × %v, too small for a finger", m.name, m.at.w, m.at.h))
			}
			if !inside(m.at, page) {
				out = append(out, fmt.Sprintf("%s lies outside of the window", m.name))
			}
		} else {
			if !inside(m.ink, m.at) || !inside(m.ink, page) {
				out = append(out, fmt.Sprintf("%s %q at %.1f units is cut off: %v in %v", m.name, m.text, m.size, m.ink, m.at))
			}
			if m.size < leastText {
				out = append(out, fmt.Sprintf("%s %q is only %.1f units high", m.name, m.text, m.size))
			}
		}
		for _, o := range marks[:i] {
			if (m.text == "") == (o.text == "") && part(m.name) != part(o.name) && overlap(m, o) {
				out = append(out, fmt.Sprintf("%s %q lies on %s %q", m.name, m.text, o.name, o.text))
			}
		}
	}
	return out
}

// part is the name without the number of the line.
func part(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 0)] + "/" }

func inside(in, out box) bool {
	const blur = 1
	return in.x >= out.x-blur && in.y >= out.y-blur && in.x+in.w <= out.x+out.w+blur && in.y+in.h <= out.y+out.h+blur
}

func overlap(m, o mark) bool {
	a, b := m.ink, o.ink
	if m.text == "" {
		a, b = m.at, o.at
	}
	const blur = 2
	return a.x+blur < b.x+b.w && b.x+blur < a.x+a.w && a.y+blur < b.y+b.h && b.y+blur < a.y+a.h
}

func TestAUnitShrinksWithASmallWindowAndGrowsWithALargeOne(t *testing.T) {
	for _, row := range []struct {
		w, h, want float32
	}{
		{800, 600, 1}, {1024, 768, 1}, {900, 700, 1}, {640, 480, 0.8}, {400, 600, 0.5}, {2048, 1536, 2}, {3840, 2160, 2.8125},
	} {
		if got := unit(fyne.NewSize(row.w, row.h)); got != row.want {
			t.Errorf("%v × %v: a unit is %v, not %v", row.w, row.h, got, row.want)
		}
	}
}
