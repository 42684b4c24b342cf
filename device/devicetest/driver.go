package devicetest

import (
	"time"

	"posagent/device"
)

// Rig is one scanner that a test can handle. It begins plugged in.
type Rig struct {
	Driver device.Driver
	// Send makes the scanner read a label. The driver's Reads give Received
	// for it, in any number of chunks.
	Send func(label string) error
	// Received is what the port gives for a label: with its suffix where the
	// transport has one.
	Received func(label string) string
	Unplug   func() error
	Replug   func() error
}

// patience bounds every wait and is only reached when something is broken.
const patience = 30 * time.Second

// T is the part of *testing.T that the checks use. Fatalf must not return.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Case is one check. Check closes every port that it opens.
type Case struct {
	Name  string
	Check func(T, Rig)
}

// Cases gives the checks; each needs a rig of its own.
func Cases() []Case {
	return []Case{
		{"a scanner that is plugged in is found and opened", opens},
		{"reading gives the labels whole and in order", reads},
		{"a read with nothing to read comes back empty", idles},
		{"looking for it while it is open loses nothing", undisturbed},
		{"what was sent before the open is discarded", discards},
		{"an open port is busy for everybody else", excludes},
		{"an unplugged scanner is gone, then absent, then back", returns},
	}
}

func mustOpen(t T, r Rig) device.Port {
	t.Helper()
	loc, err := r.Driver.Find()
	if err != nil {
		t.Fatalf("Find: %v", err)
	}
	if loc.Path == "" {
		t.Errorf("Find gives no path")
	}
	p, err := r.Driver.Open(loc)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return p
}

func do(t T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// receive reads until want has come, and fails on anything else.
func receive(t T, p device.Port, want string) {
	t.Helper()
	got := ""
	for end := time.Now().Add(patience); len(got) < len(want); {
		c, err := p.Read()
		if err != nil {
			t.Fatalf("Read after %d of %d bytes: %v", len(got), len(want), err)
		}
		got += string(c.Data)
		if time.Now().After(end) {
			t.Fatalf("received %q, waited for %q", got, want)
		}
	}
	if got != want {
		t.Fatalf("received %q, want %q", got, want)
	}
}

func opens(t T, r Rig) {
	if r.Driver.Kind() == "" {
		t.Errorf("the driver has no kind")
	}
	for range 3 {
		do(t, "Close", mustOpen(t, r).Close())
	}
}

func reads(t T, r Rig) {
	p := mustOpen(t, r)
	for _, label := range []string{"4006381333931", "6901234567892", "73513537"} {
		do(t, "Send", r.Send(label))
		receive(t, p, r.Received(label))
	}
	do(t, "Close", p.Close())
}

func idles(t T, r Rig) {
	p := mustOpen(t, r)
	for range 3 {
		c, err := p.Read()
		if err != nil || len(c.Data) != 0 || c.End {
			t.Fatalf("Read gave %d bytes, end %v, %v", len(c.Data), c.End, err)
		}
	}
	do(t, "Close", p.Close())
}

// Somebody else may look for scanners at any time: store IT, another agent.
// Whether an open one is found differs between transports.
func undisturbed(t T, r Rig) {
	p := mustOpen(t, r)
	for range 20 {
		do(t, "Send", r.Send("6901234567892"))
		if _, err := r.Driver.Find(); err != nil && device.KindOf(err) != device.KindAbsent {
			t.Errorf("Find while it is open: %v", err)
		}
		receive(t, p, r.Received("6901234567892"))
	}
	do(t, "Close", p.Close())
}

func discards(t T, r Rig) {
	do(t, "Send", r.Send("6901234567892"))
	p := mustOpen(t, r)
	do(t, "Send", r.Send("4006381333931"))
	receive(t, p, r.Received("4006381333931"))
	do(t, "Close", p.Close())
}

func excludes(t T, r Rig) {
	p := mustOpen(t, r)
	loc, err := r.Driver.Find()
	if err == nil { // some transports do not find what is open
		second, err := r.Driver.Open(loc)
		if err == nil {
			do(t, "Close", second.Close())
			t.Fatalf("opened twice")
		}
		if k := device.KindOf(err); k != device.KindBusy {
			t.Errorf("the second Open fails as %s: %v", k, err)
		}
	}
	do(t, "Send", r.Send("4006381333931"))
	receive(t, p, r.Received("4006381333931"))
	do(t, "Close", p.Close())
}

func returns(t T, r Rig) {
	p := mustOpen(t, r)
	for range 3 {
		do(t, "Unplug", r.Unplug())
		if k := device.KindOf(readError(t, p)); k != device.KindGone {
			t.Fatalf("an unplugged port fails as %s", k)
		}
		do(t, "Close", p.Close())
		_, err := r.Driver.Find()
		if err == nil || device.KindOf(err) != device.KindAbsent {
			t.Fatalf("Find of an unplugged scanner: %v", err)
		}
		do(t, "Replug", r.Replug())
		p = mustOpen(t, r)
		do(t, "Send", r.Send("4006381333931"))
		receive(t, p, r.Received("4006381333931"))
	}
	do(t, "Close", p.Close())
}

func readError(t T, p device.Port) error {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if _, err := p.Read(); err != nil {
			return err
		}
	}
	t.Fatalf("an unplugged port goes on reading")
	return nil
}
