package terminal

import (
	"sync"
	"time"

	"github.com/gdamore/tcell/v2"
)

// valve is a terminal whose input can be shut off. The library's end waits for its
// reader, and that one for somebody to take what it has read: in the middle of a
// paste both would wait for ever, with the terminal left raw.
type valve struct {
	tcell.Tty
	once    sync.Once
	shut    chan struct{}
	drained chan struct{}
	drain   sync.Once
}

func newValve(tty tcell.Tty) *valve {
	return &valve{Tty: tty, shut: make(chan struct{}), drained: make(chan struct{})}
}

// Read reads what is typed. Once shut it waits to be woken, and has read nothing.
func (v *valve) Read(p []byte) (int, error) {
	select {
	case <-v.shut:
		<-v.drained
		return 0, nil
	default:
		return v.Tty.Read(p)
	}
}

// Drain wakes a reader.
func (v *valve) Drain() error {
	v.drain.Do(func() { close(v.drained) })
	return v.Tty.Drain()
}

func (v *valve) close() { v.once.Do(func() { close(v.shut) }) }

// gentle is a screen that takes no more input before it ends.
type gentle struct {
	tcell.Screen
	valve *valve
}

const (
	calmTick  = 10 * time.Millisecond
	calmTicks = 3
)

// Fini restores the terminal, once what was read already has been taken. Somebody
// must go on taking events until it returns.
func (g *gentle) Fini() {
	g.valve.close()
	tick := time.NewTicker(calmTick)
	defer tick.Stop()
	for calm := 0; calm < calmTicks; {
		<-tick.C
		if calm++; g.HasPendingEvent() {
			calm = 0
		}
	}
	g.Screen.Fini()
}
