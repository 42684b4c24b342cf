package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"posagent/internal/rig"
)

// keyTime is how long a key of QEMU's keyboard is down, and up. Its queue holds
// 16 keys, and what does not fit is lost.
const keyTime = 12 * time.Millisecond

// hand does what the guest asks for, one thing at a time.
type hand struct {
	monitor *monitor
	cable   string   // path of the serial adapter's socket
	line    net.Conn // nil: not plugged
}

func (h *hand) serve(ctx context.Context, control io.ReadWriter) error {
	defer h.unplugSerial()
	in, out := json.NewDecoder(control), json.NewEncoder(control)
	for {
		var r rig.Request
		if err := in.Decode(&r); err != nil {
			return fmt.Errorf("the guest's request: %w", err)
		}
		var a rig.Answer
		if err := h.do(ctx, r); err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return fmt.Errorf("the answer to the guest: %w", err)
		}
	}
}

func (h *hand) do(ctx context.Context, r rig.Request) error {
	switch r.Verb {
	case rig.Hello:
		return nil
	case rig.PlugKeyboard:
		return h.monitor.do("device_add", map[string]any{"driver": "usb-kbd", "id": "keyboard", "bus": "xhci.0"})
	case rig.UnplugKeyboard:
		return h.monitor.do("device_del", map[string]any{"id": "keyboard"})
	case rig.Type:
		return h.typeText(ctx, r.Text)
	case rig.PlugSerial:
		return h.plugSerial(ctx)
	case rig.UnplugSerial:
		h.unplugSerial()
		return nil
	case rig.Send:
		return h.send(max(r.Count, 1), func(int) string { return r.Text })
	case rig.SendLabels:
		return h.send(r.Count, func(i int) string { return rig.Label(r.Source, r.First+i) + "\r" })
	}
	return fmt.Errorf("the host knows no %q", r.Verb)
}

func (h *hand) plugSerial(ctx context.Context) (err error) {
	if h.line != nil {
		return errors.New("the serial adapter is plugged already")
	}
	h.line, err = dial(ctx, h.cable)
	return err
}

func (h *hand) unplugSerial() {
	if h.line == nil {
		return
	}
	_ = h.line.Close() // pulling a cable does not fail
	h.line = nil
}

// send waits whenever the machine does not take more: nothing is lost here.
func (h *hand) send(count int, text func(int) string) error {
	if h.line == nil {
		return errors.New("the serial adapter is not plugged")
	}
	for i := range count {
		if _, err := io.WriteString(h.line, text(i)); err != nil {
			return err
		}
	}
	return nil
}

func (h *hand) typeText(ctx context.Context, text string) error {
	for _, c := range text {
		code, ok := keyCode(c)
		if !ok {
			return fmt.Errorf("there is no key for %q", c)
		}
		for _, down := range []bool{true, false} {
			if err := h.key(code, down); err != nil {
				return err
			}
			select {
			case <-time.After(keyTime):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// keyCode is QEMU's name of the key that gives a character on a US keyboard.
func keyCode(c rune) (string, bool) {
	switch {
	case strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyz", c):
		return string(c), true
	case c == '\r':
		return "ret", true
	}
	return "", false
}

func (h *hand) key(code string, down bool) error {
	return h.monitor.do("input-send-event", map[string]any{"events": []any{map[string]any{
		"type": "key", "data": map[string]any{"down": down, "key": map[string]any{"type": "qcode", "data": code}},
	}}})
}
