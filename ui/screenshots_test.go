package ui

import (
	"errors"
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

func TestScreenshotsOfTheCustomersSide(t *testing.T) {
	dir := os.Getenv("POSAGENT_SCREENSHOTS")
	if dir == "" {
		t.Skip("POSAGENT_SCREENSHOTS names no folder; make screenshots does")
	}
	for _, lang := range cashier.Langs() {
		test.NewTempApp(t).Settings().SetTheme(NewTheme(DarkPalette()))
		b, err := NewCustomerBoard(Options{Palette: DarkPalette(), Faces: Faces()})
		if err != nil {
			t.Fatal(err)
		}
		w := test.NewTempWindow(t, b)
		w.SetPadded(false)
		w.Resize(fyne.NewSize(800, 600))
		seen := map[model.Customer]bool{}
		for _, s := range gallery(t, lang, false, plain()) {
			c := s.screen.Customer
			if seen[c] {
				continue
			}
			seen[c] = true
			b.Apply(c)
			keep(t, filepath.Join(dir, fmt.Sprintf("customer-%s-%02d.png", lang, len(seen))), w)
		}
	}
}

// keep writes what a window shows to a file.
func keep(t *testing.T, path string, w fyne.Window) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, w.Canvas().Capture()), f.Close()); err != nil {
		t.Fatal(err)
	}
}

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
	letters := regexp.MustCompile(`[^A-Za-z0-9]+`)
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
		for i, s := range gallery(t, lang, false, plain()) {
			name := fmt.Sprintf("%s-%02d-%s.png", lang, i, letters.ReplaceAllString(s.name, "-"))
			if !only.MatchString(name) {
				continue
			}
			b.Apply(s.screen)
			if rows := s.screen.List.Rows; len(rows) > room {
				s.screen.List.Rows = rows[:room]
				b.Apply(s.screen)
			}
			keep(t, filepath.Join(dir, name), w)
		}
	}
}
