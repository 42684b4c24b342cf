//go:build window

package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"posagent/ui/model"
)

// trace tells which screen was drawn: no word of it, since those may be a customer's.
func (d *desk) trace(s model.Screen) {
	fmt.Fprintf(os.Stderr, "drawn %s %s band=%s notice=%s cue=%s at=%d\n",
		s.Kind, s.Lang, s.Band.Role, s.Notice.Role, s.Cue.Sound, time.Now().UnixMicro())
}

// pressed hands a key to the session and, for whoever records how scanners type, tells
// when it came: not which one, since it may be a payment code's or a PIN's.
func (d *desk) pressed(e model.Event) {
	if k, ok := e.(model.KeyPressed); ok && os.Getenv(traceVariable) != "" {
		fmt.Fprintf(os.Stderr, "key at=%d\n", k.At.UnixMicro())
	}
	d.session.Do(e)
}

// weigh tells every few seconds what the program holds: bytes that its objects take
// after a collection, and goroutines. It looks at a test that drives it for long, and
// collects so that two figures can be compared.
func weigh(ctx context.Context) {
	every := time.NewTicker(5 * time.Second)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		fmt.Fprintf(os.Stderr, "weighs heap=%d taken=%d goroutines=%d\n", m.HeapAlloc, m.Sys-m.HeapReleased, runtime.NumGoroutine())
	}
}
