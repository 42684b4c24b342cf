package terminal

import (
	"testing"

	"posagent/ui/model"
)

// What it costs to lay out a screen and to find what differs from the one before.
func BenchmarkAScreenIsDrawn(b *testing.B) {
	l := newLook(full, false)
	for _, row := range []struct {
		name string
		w, h int
	}{{"80x24", 80, 24}, {"240x70", 240, 70}} {
		b.Run(row.name, func(b *testing.B) {
			one := selling(b, "zh-Hans", saleOf("waiting", "waiting")).m.Screen()
			two := one
			two.Countdown = model.Countdown{Label: one.Countdown.Label, Text: "1:59", Left: 119, Total: 120}
			var there *grid
			screen := &counted{}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s := one
				if i%2 == 0 {
					s = two
				}
				p := l.compose(s, row.w, row.h)
				p.grid.flush(screen, there)
				there = p.grid
			}
			b.ReportMetric(float64(screen.puts)/float64(b.N), "cells/op")
		})
	}
}
