package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"

	"posagent/ui/model"
	"posagent/ui/session"
	"posagent/ui/sound"
	textui "posagent/ui/terminal"
)

// runTextWindow draws the window's screens in the terminal until it is closed, ctx
// ends or the terminal is gone. What is logged meanwhile would land in the middle of
// the screen: it is held back and told afterwards.
func runTextWindow(ctx context.Context, p *program, w *window) error {
	screen, err := textui.Open(os.Getenv)
	if err != nil {
		return withExit(exitNoDisplay, err)
	}
	out := holdable(p.err)
	out.hold()
	defer out.release()
	w.log = slog.New(slog.NewTextHandler(out, nil))
	w.sounds = sound.New(w.log)
	if w.options.customer || w.options.light {
		w.log.Warn("a terminal has no window for the customer and one set of colours: --customer and --light do nothing here")
	}

	// A terminal that is closed sends SIGHUP: all ends in order then, too.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	t := &textDesk{window: w, quit: stop, remote: os.Getenv("SSH_CONNECTION") != ""}
	t.view = textui.New(screen.Screen, textui.Options{
		Plain: screen.Plain, Do: func(e model.Event) { t.session.Do(e) },
	})
	t.session = session.New(session.Config{
		Model: drawable(w.modelConfig(), screen), API: w.client, View: t.view, Act: t.act, PDF: noPrinter, Log: w.log,
	})
	w.tell = t.session.Do
	var running sync.WaitGroup
	var failed [2]error
	running.Go(func() { failed[0] = unharmed(stop, func() error { return t.session.Run(ctx) }) })
	running.Go(func() { failed[1] = unharmed(stop, func() error { return w.background(ctx) }) })
	err = t.view.Run(ctx)
	stop()
	running.Wait()
	if err != nil && !errors.Is(err, textui.ErrGone) {
		err = withExit(exitNoDisplay, err)
	}
	return errors.Join(err, failed[0], failed[1])
}

// drawable leaves out the languages that the terminal's font does not have.
func drawable(c model.Config, screen textui.Terminal) model.Config {
	c.Languages = slices.DeleteFunc(slices.Clone(c.Languages), func(l model.Language) bool { return !screen.Draws(l.Tag) })
	if !screen.Draws(c.Lang) && len(c.Languages) > 0 {
		c.Lang = c.Languages[0].Tag
	}
	return c
}

// unharmed runs f and turns a panic into an error: one that ended the process from
// here would leave the terminal without echo and without its cursor.
func unharmed(stop func(), f func() error) (err error) {
	defer stop()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the window failed: %v\n%s", r, debug.Stack())
		}
	}()
	return f()
}

// textDesk is the window in a terminal.
type textDesk struct {
	*window
	view    *textui.Window
	session *session.Session
	quit    func()
	remote  bool // the terminal is on another computer: sounds of this one are not heard
}

// act adds to the window's commands those that need the terminal.
func (t *textDesk) act(c model.Command) {
	switch c := c.(type) {
	case model.Copy:
		t.view.Copy(c.Text)
	case model.Quit:
		t.quit()
	case model.PlaySound:
		if t.remote {
			t.view.Bell()
			return
		}
		t.window.act(c)
	default:
		t.window.act(c)
	}
}

// heldOutput is a writer that can keep what is written for later.
type heldOutput struct {
	to io.Writer

	mu      sync.Mutex
	holding bool
	kept    []byte
	lost    int // bytes that were too many
}

// mostHeld bounds what is kept; the newest is what tells why something ended.
const mostHeld = 64 << 10

// holdable makes a writer one that can be held; one that can stays itself.
func holdable(to io.Writer) *heldOutput {
	if h, ok := to.(*heldOutput); ok {
		return h
	}
	return &heldOutput{to: to}
}

// Write passes on, or keeps.
func (h *heldOutput) Write(text []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.holding {
		return h.to.Write(text)
	}
	h.kept = append(h.kept, text...)
	if over := len(h.kept) - mostHeld; over > 0 {
		h.lost += over
		h.kept = append([]byte(nil), h.kept[over:]...)
	}
	return len(text), nil
}

func (h *heldOutput) hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.holding = true
}

// release tells what was kept and passes on from now on.
func (h *heldOutput) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.lost > 0 {
		fmt.Fprintf(h.to, "posagent: %d bytes of messages before these were dropped\n", h.lost)
	}
	_, _ = h.to.Write(h.kept) // nobody is left to tell
	h.holding, h.kept, h.lost = false, nil, 0
}
