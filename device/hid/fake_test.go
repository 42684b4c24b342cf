package hid

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/device/hid/pos"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// errHidapi is what hidapi says about everything.
var errHidapi = errors.New("hidapi: hid_error is not implemented yet")

// hidapiQueue is how many reports hidapi keeps.
const hidapiQueue = 31

// fakeLibrary is hidapi in memory: it keeps hidapi's promises and no others, and
// fails the test when the rules of its use are broken.
type fakeLibrary struct {
	t *testing.T

	mu      sync.Mutex
	without bool // cgo
	infos   []listed
	listErr error
	devices map[string]*fakeDevice // by path
}

// fakeDevice is a scanner that is plugged in. The library's mutex guards it.
type fakeDevice struct {
	lib      *fakeLibrary
	openErr  error
	deaf     bool // refuses feature reports
	fifo     []byte
	spinning bool
	stuck    chan struct{} // a read waits for it, as when the clock was set back
	onOpen   func()
	onClose  func()

	open     *fakeHandle
	features [][]byte
	dropped  int // reports that hidapi dropped
	gone     bool
}

type fakeHandle struct {
	d     *fakeDevice
	owner string
	queue [][]byte
	came  chan struct{} // holds one when something happened
}

func newLibrary(t *testing.T) *fakeLibrary {
	return &fakeLibrary{t: t, devices: make(map[string]*fakeDevice)}
}

func (l *fakeLibrary) plug(path string) *fakeDevice {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := &fakeDevice{lib: l}
	l.devices[path] = d
	return d
}

func (l *fakeLibrary) supported() bool { return !l.without }

func (l *fakeLibrary) list(vid, pid uint16) ([]listed, error) {
	if vid != 0x0c2e || pid != 0x0b6a {
		l.t.Errorf("listed %04x:%04x: devices of others are opened by that", vid, pid)
	}
	return l.infos, l.listErr
}

func (l *fakeLibrary) open(path string) (handle, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.devices[path]
	switch {
	case l.without:
		l.t.Error("opened without cgo")
		return nil, errHidapi
	case d == nil || d.gone || d.open != nil:
		return nil, errHidapi
	case d.openErr != nil:
		return nil, d.openErr
	}
	d.open = &fakeHandle{d: d, owner: goroutine(), came: make(chan struct{}, 1)}
	if len(d.fifo) > 0 {
		d.open.queue = append(d.open.queue, d.fifo) // read before anybody was there
		d.fifo = nil
	}
	if d.onOpen != nil {
		d.onOpen()
	}
	return d.open, nil
}

// send lets the scanner send a report.
func (d *fakeDevice) send(report []byte) {
	d.lib.mu.Lock()
	defer d.lib.mu.Unlock()
	h := d.open
	if h == nil {
		d.fifo = report // a device has room for one
		return
	}
	h.queue = append(h.queue, append([]byte(nil), report...))
	if len(h.queue) > hidapiQueue {
		h.queue = h.queue[1:]
		d.dropped++
	}
	h.wake()
}

func (h *fakeHandle) wake() {
	select {
	case h.came <- struct{}{}:
	default:
	}
}

func (d *fakeDevice) unplug() {
	d.lib.mu.Lock()
	defer d.lib.mu.Unlock()
	d.gone = true
	if d.open != nil {
		d.open.wake()
	}
}

func (d *fakeDevice) isOpen() bool {
	d.lib.mu.Lock()
	defer d.lib.mu.Unlock()
	return d.open != nil
}

func (d *fakeDevice) lost() int {
	d.lib.mu.Lock()
	defer d.lib.mu.Unlock()
	return d.dropped
}

func (h *fakeHandle) check(op string) {
	if g := goroutine(); g != h.owner {
		h.d.lib.t.Errorf("%s by %s, opened by %s", op, g, h.owner)
	}
	if h.d.open != h {
		h.d.lib.t.Errorf("%s after close", op)
	}
}

func (h *fakeHandle) ReadTimeout(b []byte, milliseconds int) (int, error) {
	if milliseconds <= 0 {
		h.d.lib.t.Errorf("a read with time-out %d never comes back, or always does", milliseconds)
	}
	deadline := time.After(time.Duration(milliseconds) * time.Millisecond)
	for {
		n, done, stuck, err := h.next(b)
		if done || err != nil {
			return n, err
		}
		if stuck != nil {
			<-stuck
			return 0, errHidapi
		}
		select {
		case <-h.came:
		case <-deadline:
			return 0, nil
		}
	}
}

func (h *fakeHandle) next(b []byte) (n int, done bool, stuck chan struct{}, err error) {
	h.d.lib.mu.Lock()
	defer h.d.lib.mu.Unlock()
	h.check("read")
	switch {
	case len(h.queue) > 0:
		n = copy(b, h.queue[0])
		if n < len(h.queue[0]) {
			h.d.lib.t.Errorf("a buffer of %d bytes for a report of %d: hidapi drops the rest", len(b), len(h.queue[0]))
		}
		h.queue = h.queue[1:]
		return n, true, nil, nil
	case h.d.gone:
		return 0, false, nil, errHidapi
	}
	return 0, h.d.spinning, h.d.stuck, nil
}

func (h *fakeHandle) SendFeatureReport(b []byte) (int, error) {
	h.d.lib.mu.Lock()
	defer h.d.lib.mu.Unlock()
	h.check("feature report")
	if h.d.deaf || h.d.gone {
		return 0, errHidapi
	}
	h.d.features = append(h.d.features, append([]byte(nil), b...))
	return len(b), nil
}

func (h *fakeHandle) Close() error {
	h.d.lib.mu.Lock()
	defer h.d.lib.mu.Unlock()
	h.check("close")
	h.d.open = nil
	if h.d.onClose != nil {
		h.d.onClose()
	}
	return nil
}

func goroutine() string {
	b := make([]byte, 64)
	name, _, _ := strings.Cut(string(b[:runtime.Stack(b, false)]), " [")
	return name
}

// reports writes a label as a scanner with Honeywell's layout sends it.
func reports(label string) [][]byte {
	l := pos.Known("0c2e")
	var all [][]byte
	for first := true; first || label != ""; first = false {
		part := label[:min(len(label), l.DataSize)]
		label = label[len(part):]
		b := make([]byte, l.Size)
		b[0], b[l.Count] = l.ID, byte(len(part))
		copy(b[l.AIM:], "]C0")
		copy(b[l.Data:], part)
		b[l.Code] = 'j'
		if label != "" {
			b[l.More/8] |= 1
		}
		all = append(all, b)
	}
	return all
}
