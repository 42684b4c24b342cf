package device

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/aim"
	"posagent/device/decode"
)

func TestAnAbsentScannerIsLoggedOnceHoweverLongItIsAway(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.findErr = errAbsent
		b := start(t, decode.Framing{}, d)
		pass(time.Hour)
		if b.state() != StateAbsent || b.logged() != 1 {
			t.Errorf("state %s, %d lines:\n%s", b.state(), b.logged(), b.log)
		}
		if finds, _ := d.counts(); finds < 3500 || finds > 3601 {
			t.Errorf("looked %d times in an hour, want about once a second", finds)
		}
		h := b.Health()[0]
		if h.Hint != "plug it in" || h.Advice == "" || h.LastError == "" || h.LastErrorAt.IsZero() {
			t.Errorf("no advice: %+v", h)
		}
	})
}

func TestAScannerIsUsedWithinASecondOfBeingPluggedIn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.findErr = errAbsent
		d.detail = "Acme 0c2e:0b6a"
		b := start(t, decode.Framing{}, d)
		pass(10*time.Minute + 100*time.Millisecond)
		changed := b.HealthChanged()
		d.replug()
		plugged := time.Now()
		<-changed
		if took := time.Since(plugged); took > DefaultFindEvery || b.state() != StateReady {
			t.Errorf("%s after %v", b.state(), took)
		}
		h := b.Health()[0]
		if h.Port != "/fake/lane" || h.Detail != "Acme 0c2e:0b6a" || h.Kind != "fake" || h.Name != "lane" || !h.Since.Equal(time.Now()) {
			t.Errorf("health %+v", h)
		}
		if h.Counters.Reconnects != 0 {
			t.Error("the first connection counts as a reconnection")
		}
	})
}

func TestAnUnpluggedScannerIsBackSoonerWhileANextGoesOnWaiting(t *testing.T) {
	for _, away := range []time.Duration{10 * time.Millisecond, time.Second, 10 * time.Second, time.Minute} {
		t.Run(away.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newFake(t, "lane")
				b := start(t, decode.Framing{}, d)
				got := b.next(t.Context(), b.claim("till"))
				pass(5 * time.Second)
				d.send("28999") // lost with the cable
				d.unplug()
				if b.state() != StateAbsent {
					t.Fatalf("state %s after the unplug", b.state())
				}
				b.wantReasons("framing")
				pass(away)
				d.replug()
				plugged := time.Now()
				for b.state() != StateReady {
					<-b.HealthChanged()
				}
				limit := DefaultFindAfterLoss
				if away > lossMemory {
					limit = DefaultFindEvery
				}
				if took := time.Since(plugged); took > limit {
					t.Errorf("back after %v, want %v", took, limit)
				}
				b.wantWaiting(got)
				d.send(codeA + "\r")
				b.want(got, codeA)
				h := b.Health()[0]
				if h.Counters.Reconnects != 1 || h.Counters.FramingErrors != 1 || h.LastError == "" {
					t.Errorf("health %+v", h)
				}
				if b.logged() != 4 { // ready, framing, gone, ready
					t.Errorf("%d lines:\n%s", b.logged(), b.log)
				}
			})
		})
	}
}

func TestEachKindOfFaultHasItsState(t *testing.T) {
	for kind, want := range map[Kind]State{
		KindAbsent: StateAbsent, KindGone: StateAbsent, KindBusy: StateBusy,
		KindNoPermission: StateNoPermission, KindFaulty: StateFaulty,
	} {
		t.Run(string(kind), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newFake(t, "lane")
				d.openErr = &Error{Op: "open", Port: "/fake/lane", Kind: kind, Err: errors.New("no luck"), Hint: "call " + string(kind)}
				b := start(t, decode.Framing{}, d)
				pass(time.Minute)
				h := b.Health()[0]
				if h.State != want || h.Hint != "call "+string(kind) || h.Advice != kind.Advice() || !strings.Contains(h.LastError, "no luck") || h.Port != "/fake/lane" {
					t.Errorf("health %+v", h)
				}
				if b.logged() != 1 {
					t.Errorf("%d lines:\n%s", b.logged(), b.log)
				}
				d.set(func() { d.openErr = nil })
				pass(2 * DefaultFindEvery)
				if b.state() != StateReady {
					t.Errorf("state %s after the fault was over", b.state())
				}
			})
		})
	}
}

func TestAPlainErrorOfADriverIsAFault(t *testing.T) {
	if k := KindOf(errors.New("x")); k != KindFaulty {
		t.Errorf("kind %s", k)
	}
	if k := KindOf(errors.Join(&Error{Kind: KindBusy})); k != KindBusy {
		t.Errorf("kind of a wrapped error %s", k)
	}
}

func TestPermissionsThatAreSetAMomentAfterThePlugAreNoFault(t *testing.T) {
	denied := &Error{Op: "open", Port: "/fake/lane", Kind: KindNoPermission}
	for _, tc := range []struct {
		name   string
		lasts  time.Duration
		states string
	}{
		{"a moment", DefaultFindAfterLoss / 2, "absent ready"},
		{"for good", time.Minute, "absent no_permission ready"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newFake(t, "lane")
				b := start(t, decode.Framing{}, d)
				pass(5 * time.Second)
				var states []string
				seen := make(chan struct{})
				go func() {
					defer close(seen)
					for {
						changed := b.HealthChanged()
						if s := string(b.state()); len(states) == 0 || states[len(states)-1] != s {
							states = append(states, s)
						}
						if len(states) > 2 && states[len(states)-1] == "ready" {
							return
						}
						<-changed
					}
				}()
				synctest.Wait()
				d.unplug()
				pass(3 * time.Second)
				d.set(func() { d.openErr = denied })
				d.replug()
				// The look falls into the time without permission.
				_, before := d.counts()
				for opens := before; opens == before; _, opens = d.counts() {
					pass(time.Millisecond)
				}
				pass(tc.lasts)
				d.set(func() { d.openErr = nil })
				<-seen
				if got := strings.Join(states[1:], " "); got != tc.states {
					t.Errorf("states %q, want %q", got, tc.states)
				}
			})
		})
	}
}

func TestAPortThatFailsAsSoonAsItIsOpenDoesNotFlicker(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		for range 60 {
			d.give(input{err: errGone})
			for !d.isOpen() {
				pass(10 * time.Millisecond)
			}
		}
		if b.state() != StateFaulty {
			t.Errorf("state %s", b.state())
		}
		if n := b.logged(); n > 2*shortLives {
			t.Errorf("%d lines for 60 failures:\n%s", n, b.log)
		}
		pass(stableAfter + time.Second)
		if b.state() != StateReady {
			t.Errorf("state %s after it held", b.state())
		}
	})
}

func TestUnpluggingOftenIsNotAFault(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		for i := range 50 {
			d.unplug()
			pass(100 * time.Millisecond)
			d.replug()
			for b.state() != StateReady {
				<-b.HealthChanged()
			}
			if got := b.Health()[0].Counters.Reconnects; got != uint64(i+1) {
				t.Fatalf("%d reconnects after %d cycles", got, i+1)
			}
		}
	})
}

func TestSilenceEndsALabelOfAScannerWithoutASuffix(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		c := b.claim("till")
		got := b.next(t.Context(), c)
		d.send(codeA)
		sent := time.Now()
		s := (<-got).scan
		if took := time.Since(sent); took < decode.DefaultIdleGap || took > decode.DefaultIdleGap+100*time.Millisecond {
			t.Errorf("delivered after %v", took)
		}
		if s.Text.Reveal() != codeA {
			t.Errorf("scanned %q", s.Text.Reveal())
		}
	})
}

func TestAStallDoesNotCutALabelOfAScannerThatSendsASuffix(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		d.send("6901234567892\r") // shows the suffix
		got := b.next(t.Context(), b.claim("till"))
		d.send(codeA[:9])
		pass(700 * time.Millisecond)
		d.send(codeA[9:] + "\r")
		b.want(got, codeA)
	})
}

func TestALabelWhoseEndNeverComesIsReportedAndForgotten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{Suffix: decode.SuffixCR}, d)
		got := b.next(t.Context(), b.claim("till"))
		d.send("2899999")
		pass(3 * time.Second)
		b.wantReasons("framing")
		d.send(codeA + "\r")
		b.want(got, codeA)
		if r := b.refused[0]; r.Framing == nil || r.Framing.Fault != decode.FaultCutOff || r.Framing.Bytes != 7 {
			t.Errorf("reported %+v", r)
		}
	})
}

func TestATransportThatMarksTheEndNeedsNoSuffix(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		got := b.next(t.Context(), b.claim("till"))
		d.give(input{chunk: chunkOfQR})
		if s := b.want(got, codeA); s.Symbology != aim.QR || s.AIM.String() != "]Q1" {
			t.Errorf("symbology %s, identifier %s", s.Symbology, s.AIM)
		}
	})
}

func TestANoisyLineDoesNotFillTheLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{MaxLength: 10}, d)
		before := b.logged()
		for range 100 {
			d.send(strings.Repeat("7", 40) + "\r")
			pass(100 * time.Millisecond)
		}
		if n := b.logged() - before; n != 1 {
			t.Errorf("%d lines for ten seconds of noise", n)
		}
		if n := b.Health()[0].Counters.FramingErrors; n != 100 {
			t.Errorf("counted %d framing errors", n)
		}
	})
}

func TestStoppingTakesNoLongerThanOneRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		b := start(t, decode.Framing{}, newFake(t, "left"), newFake(t, "right"))
		begun := time.Now()
		b.stop()
		if took := time.Since(begun); took > 200*time.Millisecond {
			t.Errorf("stopped after %v", took)
		}
	})
}

func TestNewNamesEveryScannerThatCannotBeUsed(t *testing.T) {
	d := newFake(t, "x")
	_, err := New(Options{Scanners: []Scanner{
		{Name: "", Driver: d}, {Name: "a", Driver: d}, {Name: "a", Driver: d}, {Name: "b"},
		{Name: "c", Driver: d, Framing: decode.Framing{Suffix: "bell"}},
	}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"scanner 1 has no name", `two scanners are called "a"`, `scanner "b" has no driver`, `scanner "c": suffix "bell"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in:\n%v", part, err)
		}
	}
}

func TestEveryKindAndReasonHasItsSentences(t *testing.T) {
	for _, k := range []Kind{KindAbsent, KindGone, KindBusy, KindNoPermission, KindFaulty} {
		if k.Advice() == "" {
			t.Errorf("%s has no advice", k)
		}
	}
	for _, r := range []Reason{ReasonClosed, ReasonEarly, ReasonDuplicate, ReasonFraming} {
		if s := r.Sentences(); s.Title == "" || s.What == "" {
			t.Errorf("%s has no sentences", r)
		}
	}
}
