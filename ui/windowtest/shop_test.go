package windowtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/pretend"
)

// programVariable names the program with the window.
const programVariable = "POSAGENT_WINDOW"

// patience is how long anything may take: a graphics library that comes from a cold
// disk alone takes half a minute.
const patience = 30 * time.Second

// shop is a till with all that stands around it.
type shop struct {
	t       *testing.T // of the step
	day     *testing.T // of the whole: processes outlive the step that starts them
	program string
	dir     string
	*pretend.Shop
	client  *client.Client
	daemon  *exec.Cmd
	display *display
	window  *window
}

// newShop sets up everything but daemon and window.
func newShop(t *testing.T) *shop { return newShopOn(t) }

// newShopOn does so on an X server with further options.
func newShopOn(t *testing.T, options ...string) *shop {
	t.Helper()
	program := os.Getenv(programVariable)
	if program == "" {
		t.Skip(programVariable + " names no program with a window; make window-test does")
	}
	// A socket's path must be short.
	dir, err := os.MkdirTemp("", "wt-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	s := &shop{t: t, day: t, program: program, dir: dir}
	s.Shop, err = pretend.Open(t.Context(), pretend.Options{
		Dir: dir, Maker: "the window's test", StoreID: "WINDOW", Policy: pretend.Brisk, LogLevel: "info",
	})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	if s.client, err = client.New(client.Options{Socket: s.Socket, StartWait: patience}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.client.Close)
	s.display = newDisplay(t, dir, options...)
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open starts the daemon.
func (s *shop) open() {
	s.t.Helper()
	s.daemon = exec.Command(s.program, "serve", "--config", s.Config)
	s.daemon.Env = s.display.env()
	log, err := os.OpenFile(filepath.Join(s.dir, "daemon.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	check(s.t, err)
	defer log.Close()
	s.daemon.Stdout, s.daemon.Stderr = log, log
	check(s.t, s.daemon.Start())
	running := s.daemon
	s.day.Cleanup(func() { stop(s.day, running, os.Interrupt) })
}

// crash kills the daemon as a power cut would.
func (s *shop) crash() { stop(s.t, s.daemon, os.Kill) }

// stop ends a process if it still runs, and waits for it.
func stop(t *testing.T, c *exec.Cmd, how os.Signal) {
	t.Helper()
	if c.ProcessState != nil {
		return
	}
	if err := c.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	timer := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	var ended *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &ended) {
		t.Error(err)
	}
}

// next makes the gateway play a scenario for the next payment.
func (s *shop) next(name string) {
	s.t.Helper()
	check(s.t, s.Play(name))
}

// scan is a customer who holds up the phone.
func (s *shop) scan() {
	s.t.Helper()
	check(s.t, s.Scanner.Send(s.NextCode()))
}

// charged is the money that the gateway holds.
func (s *shop) charged() int64 {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var sum int64
	list, err := s.client.Sales(ctx, client.Filter{Limit: 100})
	check(s.t, err)
	for _, sale := range list.Sales {
		full, err := s.client.Sale(ctx, sale.SaleID)
		check(s.t, err)
		for _, p := range full.Payments {
			sum += s.balance(p.MerchantTransID)
		}
	}
	return sum
}

// window is the program on the display, and what it says that it drew.
type window struct {
	t   *testing.T
	cmd *exec.Cmd

	mu    sync.Mutex
	lines []string
	rest  bytes.Buffer
	news  chan struct{}
}

// start opens the window.
func (s *shop) start(args ...string) *window {
	s.t.Helper()
	w := &window{t: s.t, news: make(chan struct{}, 1)}
	w.cmd = exec.Command(s.program, append([]string{"ui", "--config", s.Config, "--fullscreen", "--volume=0"}, args...)...)
	w.cmd.Env = append(s.display.env(), "POSAGENT_UI_TRACE=1", "POSAGENT_UI_CHECK_THREAD=1",
		"FYNE_CACHE=15s") // as "posagent ui" starts it
	w.cmd.Stderr = w
	check(s.t, w.cmd.Start())
	s.day.Cleanup(func() {
		stop(s.day, w.cmd, os.Interrupt)
		if text := w.text(); strings.Contains(text, "Error in Fyne call thread") {
			s.day.Errorf("the toolkit was called on a wrong thread:\n%s", text)
		}
		if s.day.Failed() {
			s.day.Logf("the window said:\n%s", w.text())
		}
	})
	s.window = w
	return w
}

// Write takes in what the window says.
func (w *window) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest.Write(p)
	for {
		line, err := w.rest.ReadString('\n')
		if err != nil {
			w.rest.WriteString(line)
			break
		}
		w.lines = append(w.lines, line)
	}
	select {
	case w.news <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (w *window) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.lines, "")
}

// mark is how much the window has said so far.
func (w *window) mark() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.lines)
}

// await waits until a screen was drawn since a mark, and returns its line.
func (w *window) await(since int, words ...string) string {
	w.t.Helper()
	return w.find(since, fmt.Sprintf("screen %q", words), func(line string) bool { return matches(line, words) })
}

// line waits for a line that begins so.
func (w *window) line(since int, begin string) string {
	w.t.Helper()
	return w.find(since, "line "+begin, func(line string) bool { return strings.HasPrefix(line, begin) })
}

// forget drops what was said so far: marks from before are of no use any more.
func (w *window) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = nil
}

func (w *window) find(since int, what string, fits func(line string) bool) string {
	w.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		w.mu.Lock()
		for _, line := range w.lines[min(since, len(w.lines)):] {
			if fits(line) {
				w.mu.Unlock()
				return line
			}
		}
		w.mu.Unlock()
		select {
		case <-w.news:
		case <-deadline.C:
			w.t.Fatalf("no %s came; since then:\n%s", what, strings.Join(w.lines[min(since, len(w.lines)):], ""))
		}
	}
}

func matches(line string, words []string) bool {
	if !strings.HasPrefix(line, "drawn ") {
		return false
	}
	for _, word := range words {
		if !strings.Contains(line, " "+word+" ") {
			return false
		}
	}
	return true
}
