package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/decode"
)

const (
	codeA = "281234567890123456"
	codeB = "286543210987654321"
)

func bubble(t *testing.T, f func(*testing.T)) { t.Helper(); synctest.Test(t, f) }

func TestAScanThatNobodyWaitsForIsRefusedAndNotKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		c := b.claim("till")
		d.send(codeA + "\r")
		b.wantReasons("closed")
		got := b.next(t.Context(), c)
		b.wantWaiting(got)
		d.send(codeB + "\r")
		b.want(got, codeB)
	})
}

func TestACodeRefusedBecauseNobodyWaitedMayBeScannedAgainAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		c := b.claim("till")
		d.send(codeA + "\r")
		got := b.next(t.Context(), c)
		d.send(codeA + "\r")
		b.want(got, codeA)
		b.wantReasons("closed")
	})
}

func TestALabelThatBeganBeforeTheGateOpenedIsRefusedWhole(t *testing.T) {
	for _, begin := range []string{"28", "\x02", "]C0", "2"} {
		t.Run(fmt.Sprintf("%q", begin), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newFake(t, "lane")
				b := start(t, decode.Framing{}, d)
				c := b.claim("till")
				d.send(begin)
				got := b.next(t.Context(), c)
				d.send("1234567890123456\r")
				b.wantWaiting(got)
				b.wantReasons("early")
				d.send(codeB + "\r")
				b.want(got, codeB)
			})
		})
	}
}

func TestALabelThatBeganInAnEarlierNextIsRefusedInTheLaterOne(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		c := b.claim("till")
		ctx, cancel := context.WithCancel(t.Context())
		first := b.next(ctx, c)
		d.send("2812345678")
		cancel()
		synctest.Wait()
		if o := <-first; !errors.Is(o.err, context.Canceled) {
			t.Fatalf("cancelled Next gave %v", o.err)
		}
		second := b.next(t.Context(), c)
		d.send("90123456\r")
		b.wantWaiting(second)
		b.wantReasons("early")
		c.Release()
	})
}

func TestTheRestOfASuffixDoesNotBeginALabel(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		c := b.claim("till")
		got := b.next(t.Context(), c)
		d.send(codeA + "\r")
		b.want(got, codeA)
		d.send("\n\r\n") // before the gate opens
		got = b.next(t.Context(), c)
		d.send(codeB + "\r\n")
		b.want(got, codeB)
		b.wantReasons("")
	})
}

func TestOfTwoLabelsInOneReadTheFirstIsDelivered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		got := b.next(t.Context(), b.claim("till"))
		d.send(codeA + "\r" + codeB + "\r")
		b.want(got, codeA)
		b.wantReasons("closed")
	})
}

func TestTheSameLabelWithinTheWindowIsOneScan(t *testing.T) {
	for _, tc := range []struct {
		name  string
		after time.Duration
		again bool // delivered a second time
	}{
		{"at once", 0, false},
		{"just inside", DefaultDuplicateWindow - time.Millisecond, false},
		{"at its end", DefaultDuplicateWindow, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				left, right := newFake(t, "left"), newFake(t, "right")
				b := start(t, decode.Framing{}, left, right)
				c := b.claim("till")
				got := b.next(t.Context(), c)
				left.send(codeA + "\r")
				b.want(got, codeA)
				pass(tc.after)
				got = b.next(t.Context(), c)
				right.send(codeA + "\r")
				if tc.again {
					b.want(got, codeA)
					return
				}
				b.wantWaiting(got)
				b.wantReasons("duplicate")
				if n := b.Health()[1].Counters; n.Duplicates != 1 || n.Refused != 0 {
					t.Errorf("counted %+v", n)
				}
				right.send(codeB + "\r")
				b.want(got, codeB)
			})
		})
	}
}

func TestARepeatAfterTheGateClosedCountsAsDuplicate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		got := b.next(t.Context(), b.claim("till"))
		d.send(codeA + "\r")
		b.want(got, codeA)
		d.send(codeA + "\r")
		b.wantReasons("duplicate")
	})
}

func TestANegativeWindowTurnsDuplicatesOff(t *testing.T) {
	var g gate
	g.init(-1)
	c, err := g.claim("till")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w, err := c.open()
		if err != nil {
			t.Fatal(err)
		}
		scan := Scan{Text: decode.NewText(codeA), ReadAt: time.Now()}
		if reason, ok := g.offer(scan, g.mark(), func() {}); !ok {
			t.Fatalf("refused as %s", reason)
		}
		<-w
	}
}

func TestOnlyOneHolderAtATime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := start(t, decode.Framing{}, newFake(t, "lane"))
		first := b.claim("the till")
		_, err := b.Claim(t.Context())
		var claimed *ClaimedError
		if !errors.Is(err, ErrClaimed) || !errors.As(err, &claimed) || claimed.Holder != "the till" || !strings.Contains(err.Error(), "the till") {
			t.Fatalf("second claim: %v", err)
		}
		first.Release()
		second := b.claim("doctor")
		first.Release() // must not take the second one's claim away
		if _, err := b.Claim(t.Context()); !errors.Is(err, ErrClaimed) {
			t.Fatalf("a second Release freed another's claim: %v", err)
		}
		if _, err := first.Next(t.Context()); !errors.Is(err, ErrReleased) {
			t.Errorf("Next on a released claim: %v", err)
		}
		second.Release()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.Claim(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("claim with an ended context: %v", err)
		}
		b.claim("")
		if _, err := b.Claim(t.Context()); !strings.Contains(err.Error(), "unnamed") {
			t.Errorf("claim without a name: %v", err)
		}
	})
}

func TestReleaseEndsANextThatWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		c := b.claim("till")
		got := b.next(t.Context(), c)
		c.Release()
		synctest.Wait()
		if o := <-got; !errors.Is(o.err, ErrReleased) {
			t.Fatalf("Next gave %v", o.err)
		}
		d.send(codeA + "\r")
		b.wantReasons("closed")
	})
}

func TestACancelledNextClosesTheGate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c := b.claim("till")
		got := b.next(ctx, c)
		if !b.Waiting() {
			t.Error("the gate is closed while somebody waits")
		}
		pass(time.Second)
		synctest.Wait()
		if o := <-got; !errors.Is(o.err, context.DeadlineExceeded) {
			t.Fatalf("Next gave %v", o.err)
		}
		if b.Waiting() {
			t.Error("the gate is open while nobody waits")
		}
		d.send(codeA + "\r")
		b.wantReasons("closed")
		if _, err := c.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Next with an ended context: %v", err)
		}
	})
}

func TestTwoCannotWaitOnOneClaim(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := start(t, decode.Framing{}, newFake(t, "lane"))
		c := b.claim("till")
		b.next(t.Context(), c)
		if _, err := c.Next(t.Context()); !errors.Is(err, ErrNextRunning) {
			t.Errorf("second Next: %v", err)
		}
	})
}

func TestStoppingEndsNextAndRefusesClaims(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := start(t, decode.Framing{}, newFake(t, "lane"))
		c := b.claim("till")
		got := b.next(t.Context(), c)
		b.stop()
		synctest.Wait()
		if o := <-got; !errors.Is(o.err, ErrStopped) {
			t.Errorf("Next gave %v", o.err)
		}
		if _, err := c.Next(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("Next after the stop: %v", err)
		}
		c.Release()
		if _, err := b.Claim(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("claim after the stop: %v", err)
		}
		if err := b.Run(t.Context()); err == nil {
			t.Error("Run ran twice")
		}
	})
}

func TestWithoutScannersAClaimWaits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := start(t, decode.Framing{})
		got := b.next(t.Context(), b.claim("till"))
		pass(time.Hour)
		synctest.Wait()
		b.wantWaiting(got)
		b.stop()
		synctest.Wait()
		if o := <-got; !errors.Is(o.err, ErrStopped) {
			t.Errorf("Next gave %v", o.err)
		}
	})
}

// A scan and the end of ctx may come together. Whatever the scheduler does,
// each label is either returned by Next or refused, never both and never none.
func TestNoAcceptedScanIsLostToACancel(t *testing.T) {
	var g gate
	g.init(0)
	c, err := g.claim("till")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		accepted := 0
		wg.Go(func() {
			for range i % 7 { // spread the moments
				g.mark()
			}
			_, ok := g.offer(Scan{Text: decode.NewText(fmt.Sprint(i)), ReadAt: time.Now()}, g.mark(), func() {})
			if ok {
				accepted = 1
			}
		})
		wg.Go(cancel)
		returned := 0
		if _, err := c.Next(ctx); err == nil {
			returned = 1
		}
		wg.Wait()
		if accepted != returned {
			t.Fatalf("round %d: %d accepted, %d returned", i, accepted, returned)
		}
	}
}

// Many scanners, many labels, a caller that comes and goes: every label is
// counted once, and what was accepted was returned.
func TestEveryLabelIsCountedOnce(t *testing.T) {
	const scanners, labels = 4, 300
	m, err := New(Options{DuplicateWindow: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	all := make([]*scanner, scanners)
	for i := range all {
		all[i] = newScanner(m, Scanner{Name: fmt.Sprint(i), Driver: newFake(t, "x")})
		wg.Go(func() {
			f, err := decode.NewFramer(decode.Framing{})
			if err != nil {
				t.Error(err)
				return
			}
			for n := range labels {
				f.Feed(fmt.Appendf(nil, "28%08d%08d\r", i, n), m.gate.mark(), all[i].frame)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	returned := make(chan map[string]int)
	go func() {
		seen := make(map[string]int)
		for {
			s, err := c.Next(ctx)
			if err != nil {
				returned <- seen
				return
			}
			seen[s.Text.Reveal()]++
		}
	}()
	wg.Wait()
	cancel()
	seen := <-returned
	var sum Counters
	for _, s := range all {
		h := s.snapshot().Counters
		sum.GoodReads += h.GoodReads
		sum.Refused += h.Refused
		sum.Duplicates += h.Duplicates
		sum.FramingErrors += h.FramingErrors
	}
	if total := sum.GoodReads + sum.Refused; total != scanners*labels || sum.Duplicates+sum.FramingErrors != 0 {
		t.Errorf("counted %+v of %d labels", sum, scanners*labels)
	}
	if uint64(len(seen)) != sum.GoodReads {
		t.Errorf("%d accepted, %d returned", sum.GoodReads, len(seen))
	}
	for label, n := range seen {
		if n != 1 {
			t.Errorf("%s returned %d times", label, n)
		}
	}
}

func TestNoRouteShowsACodeWhole(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		c := b.claim("till")
		d.send(codeA + "\r") // closed
		got := b.next(t.Context(), c)
		d.send(codeA + "\r")
		scan := b.want(got, codeA)
		d.send(codeA + "\r") // duplicate
		out := fmt.Sprintf("%v %+v %#v %s", scan, scan, scan, scan) + b.log.String()
		for _, r := range b.refused {
			js, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			out += fmt.Sprintf("%+v %#v", r, r) + string(js)
		}
		js, err := json.Marshal(scan)
		if err != nil {
			t.Fatal(err)
		}
		out += string(js)
		if strings.Contains(out, codeA) || strings.Contains(out, codeA[2:]) {
			t.Errorf("a code stands whole in:\n%s", out)
		}
		if !strings.Contains(b.log.String(), "28••••••••••••3456") {
			t.Errorf("the log does not name the refused scan:\n%s", b.log)
		}
	})
}

func TestALabelThatItsTransportCallsDamagedIsDroppedWhole(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		got := b.next(t.Context(), b.claim("till"))
		d.send("28123")
		d.give(input{chunk: Chunk{Data: []byte("45"), Fault: &decode.FramingError{Fault: decode.FaultDamaged, Detail: "keys were lost"}}})
		b.wantReasons("framing")
		if r := b.refused[0]; r.Framing == nil || r.Framing.Fault != decode.FaultDamaged || r.Framing.Bytes != 7 {
			t.Errorf("reported %+v", r)
		}
		d.send(codeA + "\r")
		b.want(got, codeA)
		if n := b.Health()[0].Counters.FramingErrors; n != 1 {
			t.Errorf("counted %d framing errors", n)
		}
	})
}
