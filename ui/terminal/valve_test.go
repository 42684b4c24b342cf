package terminal

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"posagent/ui/model"
)

// flood is a terminal into which somebody pastes without an end.
type flood struct {
	mu      sync.Mutex
	out     bytes.Buffer
	stopped bool
	drained chan struct{}
}

func (f *flood) Start() error { return nil }
func (f *flood) Drain() error { close(f.drained); return nil }
func (f *flood) Stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	return nil
}
func (f *flood) NotifyResize(func()) {}
func (f *flood) WindowSize() (tcell.WindowSize, error) {
	return tcell.WindowSize{Width: 80, Height: 24}, nil
}
func (f *flood) Close() error { return nil }

func (f *flood) Read(p []byte) (int, error) {
	select {
	case <-f.drained:
		return 0, nil
	default:
		return copy(p, strings.Repeat("7", len(p))), nil
	}
}

func (f *flood) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.out.Write(p)
}

func TestATerminalIsGivenBackInTheMiddleOfAPaste(t *testing.T) {
	t.Setenv("TERM", "xterm-256color")
	for range 5 {
		tty := &flood{drained: make(chan struct{})}
		v := newValve(tty)
		screen, err := tcell.NewTerminfoScreenFromTty(v)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		keys := make(chan struct{}, 1)
		w := New(&gentle{Screen: screen, valve: v}, Options{Do: func(e model.Event) {
			if _, ok := e.(model.KeyPressed); ok {
				select {
				case keys <- struct{}{}:
				default:
				}
			}
		}})
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		<-keys
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(patience):
			t.Fatal("the window does not end")
		}
		tty.mu.Lock()
		if !tty.stopped || !strings.Contains(tty.out.String(), "\x1b[?1049l") {
			t.Error("the terminal was not given back")
		}
		tty.mu.Unlock()
	}
}
