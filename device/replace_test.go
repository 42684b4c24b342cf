package device

import (
	"context"
	"errors"
	"testing"
	"time"

	"posagent/device/decode"
)

// replace changes the bench's scanners; a name without a driver stays.
func (b *bench) replace(list ...Scanner) {
	b.t.Helper()
	if err := b.Replace(b.t.Context(), list); err != nil {
		b.t.Fatal(err)
	}
}

func ready(t *testing.T, b *bench, names ...string) {
	t.Helper()
	time.Sleep(time.Second)
	list := b.Health()
	if len(list) != len(names) {
		t.Fatalf("%d scanners, want %v", len(list), names)
	}
	for i, h := range list {
		if h.Name != names[i] || h.State != StateReady {
			t.Errorf("scanner %d is %s and %s, want %s ready", i, h.Name, h.State, names[i])
		}
	}
}

func TestAScannerThatStaysKeepsItsPortWhileOthersAreReplaced(t *testing.T) {
	bubble(t, func(t *testing.T) {
		stays, goes, comes := newFake(t, "stays"), newFake(t, "goes"), newFake(t, "comes")
		b := start(t, decode.Framing{}, stays, goes)
		b.replace(Scanner{Name: "comes", Driver: comes}, Scanner{Name: "stays"})
		ready(t, b, "comes", "stays")
		if goes.isOpen() {
			t.Error("the scanner that went still has its port")
		}
		if _, opens := stays.counts(); opens != 1 {
			t.Errorf("the scanner that stays was opened %d times", opens)
		}
	})
}

func TestASaleThatWaitsForAScanGetsItFromAScannerThatCameMeanwhile(t *testing.T) {
	bubble(t, func(t *testing.T) {
		old, fresh := newFake(t, "lane"), newFake(t, "lane")
		b := start(t, decode.Framing{}, old)
		c := b.claim("till")
		old.send("no code\r")
		got := b.next(t.Context(), c)
		b.replace(Scanner{Name: "lane", Driver: fresh})
		ready(t, b, "lane")
		b.wantWaiting(got)
		fresh.send(codeA + "\r")
		b.want(got, codeA)
		if n := b.Health()[0].Counters; n.GoodReads != 1 || n.Refused != 1 {
			t.Errorf("counters %+v must go on counting", n)
		}
	})
}

func TestAPortIsClosedBeforeTheNextScannerOpensIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		one := newFake(t, "lane") // the driver itself refuses to be opened twice
		b := start(t, decode.Framing{}, one)
		b.replace(Scanner{Name: "another name", Driver: one})
		ready(t, b, "another name")
	})
}

func TestABadListChangesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		one := newFake(t, "lane")
		b := start(t, decode.Framing{}, one)
		for name, list := range map[string][]Scanner{
			"a name that nobody has": {{Name: "lane"}, {Name: "stranger"}},
			"no name":                {{Driver: newFake(t, "x")}},
			"one name twice":         {{Name: "lane"}, {Name: "lane", Driver: newFake(t, "x")}},
			"a bad framing":          {{Name: "lane", Driver: newFake(t, "x"), Framing: decode.Framing{MaxLength: -1}}},
		} {
			if err := b.Replace(t.Context(), list); err == nil {
				t.Errorf("%s was taken", name)
			}
			ready(t, b, "lane")
		}
		if _, opens := one.counts(); opens != 1 {
			t.Errorf("opened %d times", opens)
		}
	})
}

func TestADriverThatHangsHoldsAReplacementUpForASetTimeOnly(t *testing.T) {
	bubble(t, func(t *testing.T) {
		old, fresh := newFake(t, "old"), newFake(t, "fresh")
		b := start(t, decode.Framing{}, old)
		old.mu.Lock()
		port := old.port
		old.mu.Unlock()
		port.in <- input{stall: time.Minute}
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := b.Replace(ctx, []Scanner{{Name: "fresh", Driver: fresh}}); err != nil {
			t.Fatal(err)
		}
		ready(t, b, "fresh")
		time.Sleep(2 * time.Minute)
		if old.isOpen() {
			t.Error("the old port was never closed")
		}
	})
}

func TestNothingIsReplacedAfterTheStop(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := start(t, decode.Framing{}, newFake(t, "lane"))
		b.stop()
		if err := b.Replace(t.Context(), nil); !errors.Is(err, ErrStopped) {
			t.Errorf("error %v", err)
		}
	})
}

func TestAllScannersMayGoAndComeBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		one := newFake(t, "lane")
		b := start(t, decode.Framing{}, one)
		b.replace()
		ready(t, b)
		b.replace(Scanner{Name: "lane", Driver: one})
		ready(t, b, "lane")
	})
}
