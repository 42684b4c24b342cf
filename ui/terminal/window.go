package terminal

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gdamore/tcell/v2"

	"posagent/ui/model"
)

// Errors of a window that was running.
var (
	// ErrGone: the terminal was closed.
	ErrGone = errors.New("the terminal is gone")
	// ErrStuck: the terminal did not take what would have restored it.
	ErrStuck = errors.New("the terminal could not be given back as it was; \"reset\" restores it")
)

// giveBackLimit is how long the terminal may take to be restored.
const giveBackLimit = 3 * time.Second

// Options say how a Window draws.
type Options struct {
	// Do takes what the cashier does. It must return at once.
	Do func(model.Event)
	// Plain: the terminal's font has little beyond ASCII, as on a Linux console.
	Plain bool
}

// Window shows screens on a terminal.
type Window struct {
	screen tcell.Screen
	opt    Options

	mu      sync.Mutex
	next    model.Screen
	has     bool
	bells   int
	clip    []byte
	redraw  bool
	targets []target       // of what is drawn
	pretend []model.Button // likewise
	bell    chan struct{}
}

// New makes a window on a terminal that is not initialised yet.
func New(screen tcell.Screen, opt Options) *Window {
	return &Window{screen: screen, opt: opt, bell: make(chan struct{}, 1)}
}

// Show takes the next screen to draw. It never waits and may be called from any
// goroutine; screens that come faster than the terminal draws are left out.
func (w *Window) Show(s model.Screen) {
	w.change(func() { w.next, w.has = s, true })
}

// Bell sounds the terminal's bell.
func (w *Window) Bell() { w.change(func() { w.bells = 1 }) }

// Copy puts text on the clipboard of the computer that the terminal runs on, if the
// terminal lets it (OSC 52).
func (w *Window) Copy(text string) { w.change(func() { w.clip = []byte(text) }) }

func (w *Window) change(f func()) {
	w.mu.Lock()
	f()
	w.mu.Unlock()
	select {
	case w.bell <- struct{}{}:
	default: // it rings already
	}
}

// Run takes over the terminal until ctx ends, and then returns nil, or until the
// terminal is gone: ErrGone. However it ends, also by a panic in it, the terminal is
// given back as it was.
func (w *Window) Run(ctx context.Context) (err error) {
	if err := w.screen.Init(); err != nil {
		return fmt.Errorf("the terminal cannot be used: %w", err)
	}
	var reader sync.WaitGroup
	quit := make(chan struct{})
	defer func() {
		// Whoever reads is stopped first: it waits for events that come no more.
		close(quit)
		err = errors.Join(err, w.giveBack())
		reader.Wait()
	}()
	w.screen.EnableMouse(tcell.MouseButtonEvents)
	w.screen.EnablePaste()
	look := newLook(depthOf(w.screen.Colors()), w.opt.Plain)
	w.screen.SetStyle(look.ground)
	w.screen.Clear()
	w.room()

	events := make(chan tcell.Event, 64)
	failed := make(chan error, 2)
	reader.Go(guarded(failed, func() { w.screen.ChannelEvents(events, quit) }))
	reader.Go(guarded(failed, func() { w.read(events, failed) }))
	return w.draw(ctx, look, failed)
}

// giveBack restores the terminal. The library waits for its own reader, which may
// wait for somebody to take what was typed last: that is done here. A terminal that
// cannot be given back all the same must not keep the process.
func (w *Window) giveBack() error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.screen.Fini()
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.NewTimer(giveBackLimit)
	defer limit.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-limit.C:
			return ErrStuck
		case <-tick.C:
			for w.screen.HasPendingEvent() && w.screen.PollEvent() != nil {
				continue
			}
		}
	}
}

// guarded turns a panic into an error: one that ended the process from another
// goroutine would leave the terminal without echo and without its cursor.
func guarded(failed chan<- error, f func()) func() {
	return func() {
		defer func() {
			if r := recover(); r != nil {
				failed <- fmt.Errorf("the terminal window failed: %v\n%s", r, debug.Stack())
			}
		}()
		f()
	}
}

// read hands in what comes from the terminal. It draws nothing: keys are taken in
// with their times even while the terminal is slow to draw.
func (w *Window) read(events <-chan tcell.Event, failed chan<- error) {
	in := &input{do: w.opt.Do, at: w.at, pretend: w.pretended}
	dead := false
	for ev := range events {
		if dead {
			continue
		}
		if _, ok := ev.(*tcell.EventResize); ok {
			w.room()
			w.change(func() { w.redraw = true })
			continue
		}
		switch in.take(ev) {
		case redraw:
			w.change(func() { w.redraw = true })
		case ended:
			failed <- ErrGone
			dead = true // what still comes is taken, so that nobody waits to send it
		case nothing:
		}
	}
}

// room tells the model how many rows a list has.
func (w *Window) room() {
	_, h := w.screen.Size()
	w.opt.Do(model.Room{Rows: roomFor(h)})
}

// at is what a click means on what is drawn.
func (w *Window) at(x, y int) model.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.targets {
		if y == t.y && x >= t.x && x < t.x+t.w {
			return t.event
		}
	}
	return nil
}

// pretended is the n-th code of a demonstration, if there is one.
func (w *Window) pretended(n int) model.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n >= len(w.pretend) {
		return nil
	}
	return model.Pressed{ID: w.pretend[n].ID}
}

// draw draws whenever there is something new.
func (w *Window) draw(ctx context.Context, look look, failed <-chan error) error {
	var there *grid
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-w.bell:
		}
		w.mu.Lock()
		s, has, all, bells, clip := w.next, w.has, w.redraw, w.bells, w.clip
		w.redraw, w.bells, w.clip = false, 0, nil
		w.mu.Unlock()
		if bells > 0 {
			_ = w.screen.Beep() // a terminal without a bell is silent
		}
		if clip != nil {
			w.screen.SetClipboard(clip)
		}
		if has {
			there = w.paint(look, s, there, all)
		}
	}
}

// paint draws a screen, and all of it where the terminal may show something else.
func (w *Window) paint(look look, s model.Screen, there *grid, all bool) *grid {
	width, height := w.screen.Size()
	p := look.compose(s, width, height)
	if all {
		there = nil
	}
	p.grid.flush(w.screen, there)
	if p.cursorX >= 0 {
		w.screen.ShowCursor(p.cursorX, p.cursorY)
	} else {
		w.screen.HideCursor()
	}
	w.mu.Lock()
	w.targets, w.pretend = p.targets, s.Pretend
	w.mu.Unlock()
	if all {
		w.screen.Sync()
	} else {
		w.screen.Show()
	}
	return p.grid
}
