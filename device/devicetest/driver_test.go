package devicetest

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"posagent/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// flaw is what is wrong with a memory driver.
type flaw string

// memory is a driver in memory that keeps the contract, but for its flaw.
type memory struct {
	flaw flaw

	mu     sync.Mutex
	data   []byte
	open   bool
	absent bool
}

func (m *memory) Kind() string {
	if m.flaw == "no kind" {
		return ""
	}
	return "memory"
}

func (m *memory) Find() (device.Location, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.open && m.flaw == "a look eats input":
		m.data = nil
		return device.Location{Path: "memory"}, nil
	case m.open && m.flaw == "a look fails":
		return device.Location{}, errors.New("in use")
	case m.absent && m.flaw != "found while away":
		return device.Location{}, &device.Error{Kind: device.KindAbsent}
	case m.flaw == "no path":
		return device.Location{}, nil
	default:
		return device.Location{Path: "memory"}, nil
	}
}

func (m *memory) Open(device.Location) (device.Port, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open && m.flaw != "opens twice" {
		kind := device.KindBusy
		if m.flaw == "busy is faulty" {
			kind = device.KindFaulty
		}
		return nil, &device.Error{Kind: kind}
	}
	m.open = true
	if m.flaw != "keeps old input" {
		m.data = nil
	}
	return m, nil
}

func (m *memory) Read() (device.Chunk, error) {
	m.mu.Lock()
	data, absent := m.data, m.absent
	m.data = nil
	m.mu.Unlock()
	switch {
	case absent && m.flaw == "reads on while away":
	case absent && m.flaw == "gone is faulty":
		return device.Chunk{}, errors.New("input/output error")
	case absent:
		return device.Chunk{}, &device.Error{Kind: device.KindGone}
	case len(data) > 1 && m.flaw == "swaps bytes":
		data[0], data[1] = data[1], data[0]
	case len(data) == 0 && m.flaw == "end without data":
		return device.Chunk{End: true}, nil
	}
	if len(data) > 0 {
		return device.Chunk{Data: data}, nil
	}
	<-time.After(100 * time.Millisecond)
	if m.flaw == "time-out is an error" {
		return device.Chunk{}, errors.New("EOF")
	}
	return device.Chunk{}, nil
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = false
	if m.flaw == "close fails" {
		return errors.New("bad descriptor")
	}
	return nil
}

func (m *memory) rig() Rig {
	plug := func(absent bool) func() error {
		return func() error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.absent = absent
			return nil
		}
	}
	return Rig{
		Driver: m, Received: func(label string) string { return label + "\r" },
		Send: func(label string) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.data = append(m.data, label+"\r"...)
			return nil
		},
		Unplug: plug(true), Replug: plug(false),
	}
}

// recorder notes whether a check failed.
type recorder struct{ failed bool }

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; runtime.Goexit() }

// failing gives the names of the checks that a driver fails.
func failing(t *testing.T, f flaw) map[string]bool {
	t.Helper()
	failed := make(map[string]bool)
	for _, c := range Cases() {
		synctest.Test(t, func(*testing.T) {
			r := new(recorder)
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.Check(r, (&memory{flaw: f}).rig())
			}()
			<-done
			if r.failed {
				failed[c.Name] = true
			}
		})
	}
	return failed
}

func TestADriverThatKeepsTheContractPasses(t *testing.T) {
	if failed := failing(t, ""); len(failed) > 0 {
		t.Errorf("failed: %v", failed)
	}
}

func TestEveryFlawIsFound(t *testing.T) {
	for f, by := range map[flaw]string{
		"no kind":              "a scanner that is plugged in is found and opened",
		"no path":              "a scanner that is plugged in is found and opened",
		"close fails":          "a scanner that is plugged in is found and opened",
		"swaps bytes":          "reading gives the labels whole and in order",
		"time-out is an error": "a read with nothing to read comes back empty",
		"end without data":     "a read with nothing to read comes back empty",
		"a look eats input":    "looking for it while it is open loses nothing",
		"a look fails":         "looking for it while it is open loses nothing",
		"keeps old input":      "what was sent before the open is discarded",
		"opens twice":          "an open port is busy for everybody else",
		"busy is faulty":       "an open port is busy for everybody else",
		"gone is faulty":       "an unplugged scanner is gone, then absent, then back",
		"reads on while away":  "an unplugged scanner is gone, then absent, then back",
		"found while away":     "an unplugged scanner is gone, then absent, then back",
	} {
		t.Run(string(f), func(t *testing.T) {
			if failed := failing(t, f); !failed[by] {
				t.Errorf("not found by %q; failed: %v", by, failed)
			}
		})
	}
}
