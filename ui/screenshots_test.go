package ui

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"posagent/offline/cashier"
	"posagent/ui/model"
)

// TestScreenshots draws every screen of the gallery in every language into the
// folder that POSAGENT_SCREENSHOTS names; without it there is nothing to do.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("POSAGENT_SCREENSHOTS")
	if dir == "" {
		t.Skip("POSAGENT_SCREENSHOTS names no folder; make screenshots does")
	}
	size := fyne.NewSize(800, 600)
	if os.Getenv("POSAGENT_SCREENSHOTS_LARGE") != "" {
		size = fyne.NewSize(1024, 768)
	}
	only := regexp.MustCompile(os.Getenv("POSAGENT_SCREENSHOTS_ONLY"))
	plain := regexp.MustCompile(`[^A-Za-z0-9]+`)
	for _, lang := range cashier.Langs() {
		var room int
		test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkPalette()))
		b, err := NewBoard(Options{Palette: DarkPalette(), Faces: Faces(), Do: func(e model.Event) { room = e.(model.Room).Rows }})
		if err != nil {
			t.Fatal(err)
		}
		w := test.NewTempWindow(t, b)
		w.SetPadded(false)
		w.Resize(size)
		for i, s := range gallery(t, lang, false) {
			name := fmt.Sprintf("%s-%02d-%s.png", lang, i, plain.ReplaceAllString(s.name, "-"))
			if !only.MatchString(name) {
				continue
			}
			b.Apply(s.screen)
			if rows := s.screen.List.Rows; len(rows) > room {
				s.screen.List.Rows = rows[:room]
				b.Apply(s.screen)
			}
			f, err := os.Create(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, w.Canvas().Capture()); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
