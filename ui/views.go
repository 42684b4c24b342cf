package ui

import (
	"sync"

	"fyne.io/fyne/v2"

	"posagent/ui/model"
)

// Views shows screens on a board and on the customer's, from any goroutine. Where
// screens come faster than they can be drawn, the last one is drawn.
type Views struct {
	Board    *Board
	Customer *CustomerBoard // nil where there is no second window

	mu      sync.Mutex
	next    model.Screen
	waiting bool // a drawing of next is in the toolkit's queue
	drawn   func(model.Screen)
}

// OnDrawn sets what is called on the toolkit's goroutine after a screen was laid
// out; for measurements. It must be set before the first Show.
func (v *Views) OnDrawn(f func(model.Screen)) { v.drawn = f }

// Show has a screen drawn soon and does not wait for it.
func (v *Views) Show(s model.Screen) {
	v.mu.Lock()
	v.next = s
	queued := v.waiting
	v.waiting = true
	v.mu.Unlock()
	if !queued {
		fyne.Do(v.apply)
	}
}

func (v *Views) apply() {
	v.mu.Lock()
	s := v.next
	v.waiting = false
	v.mu.Unlock()
	v.Board.Apply(s)
	if v.Customer != nil {
		v.Customer.Apply(s.Customer)
	}
	if v.drawn != nil {
		v.drawn(s)
	}
}
