package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"posagent/internal/rig"
	"posagent/internal/rig/gadget"
)

// source is a scanner in the hand of the rig.
type source interface {
	// name is what the agent's configuration calls it, and block its table there.
	name() string
	block() string
	// plug and unplug return when the kernel has seen it.
	plug(context.Context) error
	unplug(context.Context) error
	// send reads a label, whole.
	send(ctx context.Context, label string) error
	// raw sends bytes as they are, or a report.
	raw(ctx context.Context, b []byte) error
	remove() error
}

// model is a scanner that the gadget side plays.
type model struct {
	called string
	table  string // of the configuration, without name
	device gadget.Device
	// feed is the function that sends the labels, encode what it sends for one.
	feed   int
	encode func(label string) ([][]byte, error)
}

func serialTable(vid, pid uint16, serial string) string {
	return fmt.Sprintf("type = \"serial\"\nmatch = { vid = \"%04x\", pid = \"%04x\"%s }", vid, pid, serialKey(serial))
}

func hidTable(vid, pid uint16, serial string) string {
	return fmt.Sprintf("type = \"hid\"\nmatch = { vid = \"%04x\", pid = \"%04x\"%s }", vid, pid, serialKey(serial))
}

func serialKey(serial string) string {
	if serial == "" {
		return ""
	}
	return fmt.Sprintf(", serial = %q", serial)
}

// cdcModel is a scanner with a serial port of its own.
func cdcModel() model {
	return model{
		called: "cdc", table: serialTable(0x1eab, 0x1106, "CDC1"),
		device: gadget.Device{VID: 0x1eab, PID: 0x1106, Product: "Scanner CDC", Serial: "CDC1", Functions: []gadget.Function{{}}},
		encode: func(label string) ([][]byte, error) { return [][]byte{[]byte(label + "\r")}, nil },
	}
}

func posModel(called string, vid, pid uint16, l gadget.Layout) model {
	return model{
		called: called, table: hidTable(vid, pid, called),
		device: gadget.Device{VID: vid, PID: pid, Product: "Scanner POS", Serial: called, Functions: []gadget.Function{{HID: l.HID()}}},
		encode: func(label string) ([][]byte, error) { return l.Reports(label), nil },
	}
}

func honeywellModel() model { return posModel("pos-honeywell", 0x0c2e, 0x0b6a, gadget.Honeywell()) }
func zebraModel() model     { return posModel("pos-zebra", 0x05e0, 0x1a00, gadget.Zebra()) }
func newlandModel() model   { return posModel("pos-newland", 0x1eab, 0x1110, gadget.Newland()) }

func typed(label string) ([][]byte, error) { return gadget.KeyReports(label + "\r") }

// typedFast is how a scanner types that is set to its highest speed: the next key
// goes down in the report in which the last goes up. Only a key that comes twice
// has to go up in between.
func typedFast(label string) ([][]byte, error) {
	slow, err := typed(label)
	if err != nil {
		return nil, err
	}
	var fast [][]byte
	for i := 0; i < len(slow); i += 2 {
		if i > 0 && slow[i][2] == slow[i-2][2] {
			fast = append(fast, slow[i-1])
		}
		fast = append(fast, slow[i])
	}
	return append(fast, slow[len(slow)-1]), nil
}

func keyboardModel() model {
	return model{
		called: "keyboard", table: hidTable(0x05e0, 0x1200, "KBD1"),
		device: gadget.Device{VID: 0x05e0, PID: 0x1200, Product: "Scanner Keyboard", Serial: "KBD1", Functions: []gadget.Function{{HID: gadget.Keyboard()}}},
		encode: typed,
	}
}

// compositeModel is a keyboard and a HID POS scanner in one.
func compositeModel() model {
	l := gadget.Honeywell()
	return model{
		called: "composite", table: hidTable(0x05f9, 0x2206, "CMP1"),
		device: gadget.Device{
			VID: 0x05f9, PID: 0x2206, Product: "Scanner Composite", Serial: "CMP1",
			Functions: []gadget.Function{{HID: gadget.Keyboard()}, {HID: l.HID()}},
		},
		feed:   1,
		encode: func(label string) ([][]byte, error) { return l.Reports(label), nil },
	}
}

// emulated is a model on a port of the gadget side.
type emulated struct {
	model
	g    *gadget.Gadget
	out  *os.File  // nil while it is not plugged
	last time.Time // when it sent a report
}

// emulate makes the scanner; it is not plugged in.
func (s *stage) emulate(m model, port int) (*emulated, error) {
	g, err := s.bench.New(fmt.Sprintf("%s-%d", m.called, port), port, m.device)
	if err != nil {
		return nil, err
	}
	return &emulated{model: m, g: g}, nil
}

// typing says that its labels come as keys.
func (e *emulated) typing() bool {
	h := e.device.Functions[e.feed].HID
	return h != nil && h.Protocol == 1
}

func (e *emulated) name() string  { return e.called }
func (e *emulated) block() string { return table(e.called, e.table) }

func table(name, rest string) string {
	return fmt.Sprintf("[[scanner]]\nname = %q\n%s\n", name, rest)
}

func (e *emulated) plug(ctx context.Context) error {
	if err := e.g.Plug(); err != nil {
		return err
	}
	if err := until(ctx, e.called+" to come up", func() (bool, string) { return e.g.HostPath() != "", "it is not configured" }); err != nil {
		return err
	}
	out, err := e.g.Open(ctx, e.feed)
	if err != nil {
		return err
	}
	if e.device.Functions[e.feed].HID == nil {
		if err := makeRaw(out); err != nil {
			return err
		}
	}
	e.out = out
	return nil
}

// unplug pulls the cable first, as people do, while the node is still open.
func (e *emulated) unplug(ctx context.Context) error {
	err := e.g.Unplug()
	if e.out != nil {
		err = errors.Join(err, e.out.Close())
		e.out = nil
	}
	if err != nil {
		return err
	}
	return until(ctx, e.called+" to be gone", func() (bool, string) { return e.g.HostPath() == "", "it is still at " + e.g.HostPath() })
}

// interval is how often a high-speed device is asked for a report, at most. The
// software bus asks as often as it can; a scanner is never asked more often.
const interval = time.Millisecond

func (e *emulated) send(ctx context.Context, label string) error {
	parts, err := e.encode(label)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if e.device.Functions[e.feed].HID != nil {
			pauseFor(ctx, time.Until(e.last.Add(interval)))
		}
		if err := e.raw(ctx, p); err != nil {
			return err
		}
		e.last = time.Now()
	}
	return nil
}

// sendAtOnce sends a label as fast as the bus takes it.
func (e *emulated) sendAtOnce(ctx context.Context, label string) error {
	parts, err := e.encode(label)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := e.raw(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (e *emulated) raw(ctx context.Context, b []byte) error {
	if e.out == nil {
		return errors.New(e.called + " is not plugged in")
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := e.out.SetWriteDeadline(deadline); err != nil && !errors.Is(err, os.ErrNoDeadline) {
			return err
		}
	}
	if _, err := e.out.Write(b); err != nil {
		return fmt.Errorf("%s sends: %w", e.called, err)
	}
	return nil
}

func (e *emulated) remove() error {
	var err error
	if e.out != nil {
		err = e.out.Close()
		e.out = nil
	}
	return errors.Join(err, e.g.Remove())
}

// adapter is QEMU's USB serial adapter: its cable is outside of the machine.
type adapter struct {
	host *host
}

func (a *adapter) name() string  { return "ttyusb" }
func (a *adapter) block() string { return table(a.name(), serialTable(0x0403, 0x6001, "")) }

func (a *adapter) plug(ctx context.Context) error {
	if err := a.host.ask(rig.Request{Verb: rig.PlugSerial}); err != nil {
		return err
	}
	return until(ctx, "the adapter's port", func() (bool, string) { return present("/dev/ttyUSB*"), "there is no /dev/ttyUSB*" })
}

func (a *adapter) unplug(ctx context.Context) error {
	if err := a.host.ask(rig.Request{Verb: rig.UnplugSerial}); err != nil {
		return err
	}
	return until(ctx, "the adapter to be gone", func() (bool, string) { return !present("/dev/ttyUSB*"), "/dev/ttyUSB* is still there" })
}

func (a *adapter) send(ctx context.Context, label string) error {
	return a.raw(ctx, []byte(label+"\r"))
}

func (a *adapter) raw(_ context.Context, b []byte) error {
	return a.host.ask(rig.Request{Verb: rig.Send, Text: string(b)})
}

func (a *adapter) remove() error { return a.host.ask(rig.Request{Verb: rig.UnplugSerial}) }

// desk is QEMU's USB keyboard, typed on from outside of the machine.
type desk struct {
	host *host
}

// deskNode is where the keyboard's event device shows, by its ids.
const deskNode = "/sys/bus/hid/devices/0003:0627:0001.*/input/input*/event*"

func (d *desk) name() string  { return "qemu-keyboard" }
func (d *desk) block() string { return table(d.name(), hidTable(0x0627, 0x0001, "")) }

func (d *desk) plug(ctx context.Context) error {
	if err := d.host.ask(rig.Request{Verb: rig.PlugKeyboard}); err != nil {
		return err
	}
	return until(ctx, "QEMU's keyboard", func() (bool, string) { return present(deskNode), "it has no input device" })
}

func (d *desk) unplug(ctx context.Context) error {
	if err := d.host.ask(rig.Request{Verb: rig.UnplugKeyboard}); err != nil {
		return err
	}
	return until(ctx, "QEMU's keyboard to be gone", func() (bool, string) { return !present(deskNode), "it is still there" })
}

func (d *desk) send(_ context.Context, label string) error {
	return d.host.ask(rig.Request{Verb: rig.Type, Text: label + "\r"})
}

func (d *desk) raw(context.Context, []byte) error {
	return errors.New("QEMU's keyboard has keys only")
}

func (d *desk) remove() error { return nil }

func present(pattern string) bool {
	found, err := filepath.Glob(pattern)
	return err == nil && len(found) > 0
}

// pauseFor waits for something that shows nowhere, a moment without events.
func pauseFor(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
