package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"posagent/internal/rig"
)

// controlPort is the machine's second serial port; the host is at its other end.
const controlPort = "/dev/ttyS1"

// host is the hand outside of the machine. Its methods may be called from any
// goroutine; one request is done at a time.
type host struct {
	mu  sync.Mutex
	in  *json.Decoder
	out *json.Encoder
}

func openHost() (*host, error) {
	f, err := os.OpenFile(controlPort, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	if err := makeRaw(f); err != nil {
		return nil, err
	}
	h := &host{in: json.NewDecoder(f), out: json.NewEncoder(f)}
	return h, h.ask(rig.Request{Verb: rig.Hello})
}

// ask has something done and waits until it is.
func (h *host) ask(r rig.Request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.out.Encode(r); err != nil {
		return fmt.Errorf("ask the host to %s: %w", r.Verb, err)
	}
	var a rig.Answer
	if err := h.in.Decode(&a); err != nil {
		return fmt.Errorf("ask the host to %s: %w", r.Verb, err)
	}
	if a.Error != "" {
		return fmt.Errorf("ask the host to %s: %w", r.Verb, errors.New(a.Error))
	}
	return nil
}

// makeRaw takes all that a terminal does with bytes off a serial port: echo
// above all.
func makeRaw(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		t, err := unix.IoctlGetTermios(int(fd), unix.TCGETS)
		if err != nil {
			failed = err
			return
		}
		t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
		t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200
		t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
		failed = unix.IoctlSetTermios(int(fd), unix.TCSETS, t)
	})
	if err := errors.Join(err, failed); err != nil {
		return fmt.Errorf("set %s up: %w", f.Name(), err)
	}
	return nil
}
