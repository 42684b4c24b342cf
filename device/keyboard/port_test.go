package keyboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/keyboard/evdev"
)

// fakeNodes is a source that plays events. It holds its user to the contract:
// reads are bounded, one goroutine reads and closes, nothing follows an error.
type fakeNodes struct {
	t     testing.TB
	input chan batch
	held  evdev.KeySet

	mu     sync.Mutex
	queue  []batch
	failed bool
	asked  int
	closed int
}

type batch struct {
	node   int
	events []evdev.Event
	err    error
}

func newFakeNodes(t testing.TB) *fakeNodes { return &fakeNodes{t: t, input: make(chan batch, 1000)} }

func (f *fakeNodes) Read(d time.Duration, events []evdev.Event) (int, int, error) {
	if d > maxRead || d <= 0 || len(events) == 0 {
		f.t.Errorf("read for %v into %d events", d, len(events))
	}
	f.check("read")
	if len(f.queue) == 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case b := <-f.input:
			f.queue = append(f.queue, b)
		case <-timer.C:
			return 0, 0, nil
		}
	}
	b := &f.queue[0]
	if b.err != nil {
		f.failed = true
		return 0, 0, b.err
	}
	node, n := b.node, copy(events, b.events)
	if b.events = b.events[n:]; len(b.events) == 0 {
		f.queue = slices.Delete(f.queue, 0, 1)
	}
	return node, n, nil
}

func (f *fakeNodes) Held(node int) (evdev.KeySet, error) {
	f.check("held")
	f.asked++
	f.queue = nil // what was queued is thrown away
	for len(f.input) > 0 {
		<-f.input
	}
	return f.held, nil
}

func (f *fakeNodes) check(op string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed || f.closed > 0 {
		f.t.Errorf("%s after the end", op)
	}
}

func (f *fakeNodes) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed++; f.closed > 1 {
		f.t.Error("closed twice")
	}
	return nil
}

// fakeDriver gives ports over fake nodes to a Manager.
type fakeDriver struct {
	nodes   *fakeNodes
	count   int
	layout  Layout
	framing decode.Framing
	midway  bool
}

func (*fakeDriver) Kind() string { return "keyboard" }

func (*fakeDriver) Find() (device.Location, error) {
	return device.Location{Path: "/dev/input/event5"}, nil
}

func (d *fakeDriver) Open(loc device.Location) (device.Port, error) {
	return newPort(d.nodes, loc.Path, d.count, d.layout, d.framing, d.midway)
}

// lane is a till with one scanner.
type lane struct {
	t      *testing.T
	m      *device.Manager
	nodes  *fakeNodes
	typist *typist

	mu      sync.Mutex
	refused []device.Refused
}

func newLane(t *testing.T, d fakeDriver) *lane {
	t.Helper()
	if d.layout == "" {
		d.layout = LayoutUS
	}
	d.count = max(d.count, 1)
	d.nodes = newFakeNodes(t)
	l := &lane{t: t, nodes: d.nodes, typist: newTypist(t, d.layout, nil)}
	m, err := device.New(device.Options{
		Scanners:        []device.Scanner{{Name: "lane", Driver: &d, Framing: d.framing}},
		DuplicateWindow: -1,
		OnRefused: func(r device.Refused) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.refused = append(l.refused, r)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.m = m
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if l.nodes.closed != 1 {
			t.Errorf("closed %d times", l.nodes.closed)
		}
	})
	synctest.Wait()
	return l
}

func (l *lane) types(text string) { l.typesAt(0, text) }

// typesAt types label by label: whoever waits needs a moment to wait again.
func (l *lane) typesAt(node int, text string) {
	for _, part := range strings.SplitAfter(strings.ReplaceAll(text, "\t", "\t\r"), "\r") {
		if part == "" {
			continue
		}
		l.typist.events = nil
		l.send(node, l.typist.text(strings.Replace(part, "\t\r", "\t", 1)).events)
	}
}

func (l *lane) send(node int, events []evdev.Event) {
	l.nodes.input <- batch{node: node, events: events}
	synctest.Wait()
}

// labels waits for labels until it has seen nothing for two seconds.
func (l *lane) labels(during func()) string {
	l.t.Helper()
	c, err := l.m.Claim(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	defer c.Release()
	ctx, cancel := context.WithCancel(l.t.Context())
	got := make(chan []string)
	go func() {
		var all []string
		for {
			s, err := c.Next(ctx)
			if err != nil {
				got <- all
				return
			}
			all = append(all, s.Text.Reveal())
		}
	}()
	synctest.Wait()
	during()
	time.Sleep(3 * time.Second)
	cancel()
	return strings.Join(<-got, " ")
}

func (l *lane) faults() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, r := range l.refused {
		s := string(r.Reason)
		if r.Framing != nil {
			s = string(r.Framing.Fault)
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func (l *lane) want(got, labels, faults string) {
	l.t.Helper()
	if got != labels || l.faults() != faults {
		l.t.Errorf("labels %q, want %q; faults %q, want %q", got, labels, l.faults(), faults)
	}
}

var dropped = []evdev.Event{{Type: evdev.Syn, Code: evdev.SynDropped}}

const (
	codeA = "281234567890123456"
	codeB = "286543210987654321"
)

func TestLabelsComeThroughTheManager(t *testing.T) {
	for _, tc := range []struct {
		name           string
		driver         fakeDriver
		play           func(l *lane)
		labels, faults string
	}{
		{"Enter ends a label", fakeDriver{}, func(l *lane) { l.types(codeA + "\r" + codeB + "\r") }, codeA + " " + codeB, ""},
		{"Tab ends a label", fakeDriver{}, func(l *lane) { l.types(codeA + "\t" + codeB + "\t") }, codeA + " " + codeB, ""},
		{"a doubled Enter ends one label", fakeDriver{}, func(l *lane) { l.types(codeA + "\r\r" + codeB + "\r\r") }, codeA + " " + codeB, ""},
		{"silence ends a label where no key does", fakeDriver{}, func(l *lane) {
			l.types(codeA)
			time.Sleep(500 * time.Millisecond)
			l.types(codeB)
		}, codeA + " " + codeB, ""},
		{"a slow scanner's label is one", fakeDriver{}, func(l *lane) {
			for _, c := range codeA {
				l.types(string(c))
				time.Sleep(99 * time.Millisecond)
			}
		}, codeA, ""},
		{"a stall does not cut a label of a scanner that ends them with a key", fakeDriver{}, func(l *lane) {
			l.types("1\r" + codeA[:9])
			time.Sleep(700 * time.Millisecond)
			l.types(codeA[9:] + "\r")
		}, "1 " + codeA, ""},
		{"Shift by itself is not silence", fakeDriver{}, func(l *lane) {
			l.types("AB")
			time.Sleep(190 * time.Millisecond)
			l.send(0, []evdev.Event{press(evdev.KeyLeftShift), {Type: evdev.Syn}})
			time.Sleep(90 * time.Millisecond)
			l.send(0, []evdev.Event{press(evdev.KeyA), {Type: evdev.Syn}, release(evdev.KeyA), release(evdev.KeyLeftShift), {Type: evdev.Syn}})
			l.types("\r")
		}, "ABA", ""},
		{"an AIM identifier is taken off", fakeDriver{layout: LayoutDE}, func(l *lane) { l.types("]Q1" + codeA + "\r") }, codeA, ""},
		{"a prefix is taken off", fakeDriver{framing: decode.Framing{Prefix: "~"}}, func(l *lane) { l.types("~" + codeA + "\r" + codeB + "\r") }, codeA, "no_prefix"},
		{"Enter is data where Tab ends a label", fakeDriver{framing: decode.Framing{Suffix: decode.SuffixTab}}, func(l *lane) { l.types("12\r34\t") }, "12\r34", ""},
		{"an unknown key drops one label", fakeDriver{}, func(l *lane) {
			l.types("1\r28")
			l.send(0, hit(l.t, evdev.KeyF1))
			l.types("99\r" + codeB + "\r")
		}, "1 " + codeB, "damaged"},
		{"after an unknown key silence ends the rest", fakeDriver{}, func(l *lane) {
			l.types("28")
			l.send(0, hit(l.t, evdev.KeyF1))
			l.types("99")
			time.Sleep(500 * time.Millisecond)
			l.types(codeB)
		}, codeB, "damaged"},
		{"a stall does not make a label of the rest of a damaged one", fakeDriver{}, func(l *lane) {
			l.types("1\r28")
			l.send(0, hit(l.t, evdev.KeyF1))
			time.Sleep(900 * time.Millisecond)
			l.types("99\r" + codeB + "\r")
		}, "1 " + codeB, "damaged"},
		{"events that were dropped take their label along, and what is queued", fakeDriver{}, func(l *lane) {
			l.types("1\r28")
			l.send(0, append(slices.Clone(dropped), newTypist(l.t, LayoutUS, nil).text("99\r"+codeA+"\r").events...))
			l.types("77\r" + codeB + "\r") // the end of the damaged one went unseen
		}, "1 " + codeB, "damaged"},
		{"what was typed while the scanner was being taken is no label", fakeDriver{midway: true}, func(l *lane) { l.types("99\r" + codeB + "\r") }, codeB, ""},
		{"two keyboards of one device in turn", fakeDriver{count: 2}, func(l *lane) {
			l.typesAt(0, codeA+"\r")
			l.typesAt(1, codeB+"\r")
			l.typesAt(0, "3\r")
		}, codeA + " " + codeB + " 3", ""},
		{"two keyboards of one device at once", fakeDriver{count: 2}, func(l *lane) {
			l.typesAt(0, "1\r28")
			l.typesAt(1, "77")
			l.typesAt(0, "99\r")
			l.typesAt(1, "66\r")
			l.typesAt(0, codeA+"\r")
			l.typesAt(1, codeB+"\r")
		}, "1 " + codeA + " " + codeB, "damaged"},
		{"ten thousand keys without an end", fakeDriver{}, func(l *lane) {
			l.types("1\r")
			for range 10 {
				l.types(strings.Repeat("7", 1000))
			}
			l.types("\r" + codeB + "\r")
		}, "1 " + codeB, "overlong"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLane(t, tc.driver)
				l.want(l.labels(func() { tc.play(l) }), tc.labels, tc.faults)
			})
		})
	}
}

func TestALabelThatBeganBeforeSomebodyWaitedIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(t, fakeDriver{})
		l.types(codeA[:3])
		l.want(l.labels(func() { l.types(codeA[3:] + "\r" + codeB + "\r") }), codeB, "early")
	})
}

func TestASilentScannersReadIsBoundedAndEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nodes := newFakeNodes(t)
		p, err := newPort(nodes, "x", 1, LayoutUS, decode.Framing{}, false)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			begun := time.Now()
			c, err := p.Read()
			if took := time.Since(begun); err != nil || len(c.Data) > 0 || c.End || took > maxRead || took < silence {
				t.Fatalf("%+v, %v after %v", c, err, took)
			}
		}
		// A key that means nothing, over and over, does not hold a Read up.
		go func() {
			for range 100 {
				nodes.input <- batch{events: []evdev.Event{{Type: evdev.Syn}}}
				time.Sleep(10 * time.Millisecond)
			}
		}()
		begun := time.Now()
		if c, err := p.Read(); err != nil || len(c.Data) > 0 || time.Since(begun) > maxRead {
			t.Errorf("%+v, %v after %v", c, err, time.Since(begun))
		}
		time.Sleep(2 * time.Second)
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestTheEndOfADeviceIsToldByItsKind(t *testing.T) {
	for cause, want := range map[error]device.Kind{
		syscall.ENODEV: device.KindGone, syscall.EIO: device.KindFaulty, syscall.EACCES: device.KindNoPermission,
	} {
		nodes := newFakeNodes(t)
		p, err := newPort(nodes, "/dev/input/event5", 1, LayoutUS, decode.Framing{}, false)
		if err != nil {
			t.Fatal(err)
		}
		nodes.input <- batch{err: fmt.Errorf("read: %w", cause)}
		_, err = p.Read()
		var e *device.Error
		if !errors.As(err, &e) || e.Kind != want || e.Op != "read" || e.Hint == "" || !errors.Is(err, cause) {
			t.Errorf("%v: %v", cause, err)
		}
	}
}

func TestNoKeyStaysBehindInThePort(t *testing.T) {
	nodes := newFakeNodes(t)
	p, err := newPort(nodes, "x", 1, LayoutUS, decode.Framing{}, false)
	if err != nil {
		t.Fatal(err)
	}
	nodes.input <- batch{events: newTypist(t, LayoutUS, nil).text(codeA + "\r").events}
	nodes.input <- batch{events: newTypist(t, LayoutUS, nil).text("1\r").events}
	text := ""
	for !strings.HasSuffix(text, "\r1\r") {
		c, err := p.Read()
		if err != nil {
			t.Fatal(err)
		}
		text += string(c.Data)
	}
	if got := string(p.data[:cap(p.data)]); strings.Contains(got, codeA[3:]) {
		t.Errorf("the buffer still holds %q", got)
	}
	if slices.ContainsFunc(p.queue[:cap(p.queue)], func(o Output) bool { return o.Text != "" }) {
		t.Error("the queue still holds characters")
	}
}
