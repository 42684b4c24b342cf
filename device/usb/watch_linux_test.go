package usb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// patience bounds every wait and is only reached when something is broken.
const patience = 30 * time.Second

// announce makes the kernel send a message about a device that never changes.
func announce() error {
	return os.WriteFile("/sys/class/tty/ptmx/uevent", []byte("change"), 0)
}

// listening runs a Watcher that can learn of a change from the kernel alone.
func listening(tb testing.TB) <-chan struct{} {
	tb.Helper()
	if err := announce(); err != nil {
		tb.Skipf("only root can make the kernel speak: %v", err)
	}
	w := NewWatcher(WatchOptions{PollEvery: time.Hour})
	changes := w.Changes()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	for end := time.Now().Add(patience); !w.Hearing(); {
		if time.Now().After(end) {
			tb.Skip("this machine refuses netlink")
		}
		<-time.After(time.Millisecond)
	}
	return changes
}

func TestThisMachinesKernelIsHeard(t *testing.T) {
	changes := listening(t)
	for range 3 {
		if err := announce(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changes:
		case <-time.After(patience):
			t.Fatal("nothing was heard")
		}
	}
}

func BenchmarkFromTheKernelsMessageToTheManager(b *testing.B) {
	changes := listening(b)
	for b.Loop() {
		if err := announce(); err != nil {
			b.Fatal(err)
		}
		<-changes
	}
}

// The watcher's poll, on a machine with twenty devices and the 64 consoles that
// every Linux has.
func BenchmarkOnePollAmongTwentyDevices(b *testing.B) {
	s := System{Sys: b.TempDir()}
	plug := func(name string) {
		b.Helper()
		if err := os.MkdirAll(filepath.Join(s.Sys, name), 0o750); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 64 {
		plug(fmt.Sprintf("class/tty/tty%d", i))
	}
	for i := range 20 {
		plug(fmt.Sprintf("bus/usb/devices/1-%d", i+1))
		plug(fmt.Sprintf("bus/usb/devices/1-%d:1.0", i+1))
		plug(fmt.Sprintf("bus/hid/devices/0003:05E0:1200.%04X", i+1))
		plug(fmt.Sprintf("class/input/event%d", i))
		plug(fmt.Sprintf("class/hidraw/hidraw%d", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(s.names()) == 0 {
			b.Fatal("nothing is seen")
		}
	}
}
