package usb

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// DefaultPollEvery is the time between two looks at what sysfs shows.
const DefaultPollEvery = time.Second

// WatchOptions say what a Watcher looks at.
type WatchOptions struct {
	System System
	// PollEvery is the time between two looks at the names that sysfs shows.
	// Zero: 1 s.
	PollEvery time.Duration
	// Log receives one line when the kernel's messages cannot be had. Nil:
	// none.
	Log *slog.Logger
}

// Watcher tells when a device was plugged in, pulled out, or taken over by a
// driver. What it says is a hint to look, no more: it may come late, twice or
// for a device that is none of the caller's.
//
// It listens to the kernel's messages and to those that udev sends when it has
// set a node's permissions. They never come where netlink is refused (a
// service's RestrictAddressFamilies without AF_NETLINK) or in a container with a
// user namespace of its own, without any error in the latter. So it also looks
// at the names in sysfs, always. On systems without sysfs it tells nothing.
type Watcher struct {
	opt  WatchOptions
	log  *slog.Logger
	open func() (source, error)

	mu      sync.Mutex
	told    []chan struct{}
	hearing bool
}

// event is one message about a device.
type event struct {
	// action is "add", "remove", "bind" and the like, subsystem "usb", "tty".
	action, subsystem string
	// lost: messages before this one were dropped, anything may have happened.
	lost bool
}

// concerns reports whether a scanner may have come or gone.
func (e event) concerns() bool {
	switch e.subsystem {
	case "usb", "usb-serial", "tty", "hid", "hidraw", "input":
		return true
	}
	return e.lost
}

// source gives messages about devices. interrupt ends a next that waits, and
// every later one; it may be called from another goroutine.
type source interface {
	next() (event, error)
	interrupt()
	Close() error
}

// NewWatcher returns a Watcher that tells nothing until Run.
func NewWatcher(opt WatchOptions) *Watcher {
	if opt.PollEvery <= 0 {
		opt.PollEvery = DefaultPollEvery
	}
	w := &Watcher{opt: opt, log: opt.Log, open: openKernel}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	return w
}

// Changes gives a channel that receives when something may have changed. Every
// call gives another one, for one receiver each; several changes that nobody
// has received yet are one. It is never closed.
func (w *Watcher) Changes() <-chan struct{} {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, c)
	return c
}

// Hearing reports whether the kernel's messages are listened to. Without them a
// change is seen up to PollEvery later.
func (w *Watcher) Hearing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hearing
}

// Run watches until ctx ends, and returns nil then. It may be called once.
func (w *Watcher) Run(ctx context.Context) error {
	// The names are taken down before anybody hears anything: what is plugged
	// in from here on shows as a difference.
	seen := w.opt.System.names()
	heard := make(chan struct{}, 1)
	var listener sync.WaitGroup
	listener.Go(func() { w.listen(ctx, heard) })
	defer listener.Wait()
	tick := time.NewTicker(w.opt.PollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-heard:
			w.tell()
		case <-tick.C:
			if now := w.opt.System.names(); now != seen {
				seen = now
				w.tell()
			}
		}
	}
}

// listen hands on what the kernel says, until it says no more.
func (w *Watcher) listen(ctx context.Context, heard chan<- struct{}) {
	src, err := w.open()
	if err != nil {
		w.deaf(err)
		return
	}
	w.hear(true)
	stop := context.AfterFunc(ctx, src.interrupt)
	for {
		var e event
		if e, err = src.next(); err != nil {
			break
		}
		if e.concerns() {
			notify(heard)
		}
	}
	stop()
	w.hear(false)
	err = errors.Join(err, src.Close())
	if ctx.Err() == nil {
		w.deaf(err)
	}
}

func (w *Watcher) hear(yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hearing = yes
}

func (w *Watcher) deaf(err error) {
	if errors.Is(err, ErrUnsupported) {
		return // nothing is missing there
	}
	w.log.Info("the kernel's messages about devices cannot be had; a plugged-in scanner is seen by looking",
		"every", w.opt.PollEvery, "error", err, "hint", "a service's RestrictAddressFamilies must allow AF_NETLINK")
}

func (w *Watcher) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.told {
		notify(c)
	}
}

func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// names is what sysfs shows now, as one string that differs when it differs. A
// folder that cannot be read has nothing in it.
func (s System) names() string {
	var b strings.Builder
	for _, dir := range []string{"bus/usb/devices", "bus/hid/devices", "class/tty", "class/input", "class/hidraw"} {
		entries, err := os.ReadDir(filepath.Join(s.sys(), dir))
		if err != nil {
			entries = nil
		}
		for _, e := range entries {
			b.WriteString(e.Name())
			b.WriteByte(0)
		}
		b.WriteByte(1)
	}
	return b.String()
}
