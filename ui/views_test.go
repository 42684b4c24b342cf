package ui

import (
	"strconv"
	"sync"
	"testing"

	"fyne.io/fyne/v2"

	"posagent/ui/model"
)

func TestScreensFromManyGoroutinesEndWithTheLastOne(t *testing.T) {
	p := newPressing(t)
	customer, err := NewCustomerBoard(Options{Palette: DarkPalette(), Faces: Faces()})
	if err != nil {
		t.Fatal(err)
	}
	customer.Resize(fyne.NewSize(800, 600))
	v := &Views{Board: p.board, Customer: customer}
	var drawn sync.Map
	v.OnDrawn(func(s model.Screen) { drawn.Store(s.Header, true) })
	for n := range 50 {
		s := simple()
		s.Header = strconv.Itoa(n)
		s.Customer = model.Customer{Lang: "en", Title: strconv.Itoa(n), Role: model.RoleScan}
		v.Show(s)
	}
	if _, ok := drawn.Load("49"); !ok || p.board.screen.Header != "49" || customer.shown.Title != "49" {
		t.Errorf("the last screen is not on the boards: %q, %q", p.board.screen.Header, customer.shown.Title)
	}
}

func TestAScreenThatLooksTheSameIsNotDrawnAgain(t *testing.T) {
	p := newPressing(t)
	p.board.Apply(simple())
	before := &p.board.objects[0]
	p.board.Apply(simple())
	if &p.board.objects[0] != before {
		t.Error("it was laid out again")
	}
}

func TestDarkAndLightCanBeChangedWhileTheWindowRuns(t *testing.T) {
	p := newPressing(t)
	p.board.Apply(simple())
	p.board.SetPalette(LightPalette())
	at := p.window.Canvas().Capture().At(2, 400)
	r, g, b, _ := at.RGBA()
	want := LightPalette().Ground
	if uint8(r>>8) != want.R || uint8(g>>8) != want.G || uint8(b>>8) != want.B {
		t.Errorf("the ground is painted %v", at)
	}
}
