package device

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/decode"
)

var errDenied = &Error{Op: "open", Port: "/fake/lane", Kind: KindNoPermission, Err: errors.New("permission denied")}

// hint tells the Manager that something was plugged in.
func (b *bench) hint() { b.plugged <- struct{}{} }

// until lets time pass until the first scanner is in the state.
func (b *bench) until(want State) time.Duration {
	b.t.Helper()
	begun := time.Now()
	for b.state() != want {
		changed := b.HealthChanged()
		if b.state() == want {
			break
		}
		select {
		case <-changed:
		case <-time.After(time.Hour):
			b.t.Fatalf("still %s, want %s", b.state(), want)
		}
	}
	return time.Since(begun)
}

func TestAPluggedInScannerIsUsedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left, right := newFake(t, "left"), newFake(t, "right")
		left.findErr, right.findErr = errAbsent, errAbsent
		b := start(t, decode.Framing{}, left, right)
		got := b.next(t.Context(), b.claim("till"))
		pass(10*time.Minute + DefaultFindEvery/2)
		left.replug()
		right.replug()
		b.hint()
		if took := b.until(StateReady); took > settle {
			t.Errorf("ready after %v", took)
		}
		synctest.Wait()
		if s := b.Health()[1].State; s != StateReady {
			t.Errorf("the other scanner is %s: one message is for all", s)
		}
		b.wantWaiting(got)
		right.send(codeA + "\r")
		b.want(got, codeA)
	})
}

func TestOfTwoScannersTheFirstWholeLabelWinsAndTheOtherIsRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left, right := newFake(t, "left"), newFake(t, "right")
		b := start(t, decode.Framing{}, left, right)
		c := b.claim("till")
		got := b.next(t.Context(), c)
		left.send(codeA[:9]) // begins first
		right.send(codeB + "\r")
		left.send(codeA[9:] + "\r")
		if s := b.want(got, codeB); s.Source != "right" {
			t.Errorf("read by %s", s.Source)
		}
		b.wantReasons("closed")
		next := b.next(t.Context(), c)
		left.send(codeA[:9])
		b.wantWaiting(next)
		left.send(codeA[9:] + "\r")
		b.want(next, codeA)
	})
}

func TestAScannerThatIsUnpluggedInTheMiddleLeavesTheOtherArmed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left, right := newFake(t, "left"), newFake(t, "right")
		b := start(t, decode.Framing{}, left, right)
		got := b.next(t.Context(), b.claim("till"))
		left.send(codeA[:9])
		left.unplug()
		b.wantReasons("framing")
		b.wantWaiting(got)
		right.send(codeB + "\r")
		b.want(got, codeB)
	})
}

func TestAScannerWhosePermissionsComeLaterIsNeverCalledForbidden(t *testing.T) {
	for _, late := range []time.Duration{0, 30 * time.Millisecond, 400 * time.Millisecond, 900 * time.Millisecond} {
		t.Run(late.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newFake(t, "lane")
				d.findErr = errAbsent
				b := start(t, decode.Framing{}, d)
				pass(time.Minute + 333*time.Millisecond)
				d.set(func() { d.openErr = errDenied })
				d.replug()
				b.hint()
				pass(late)
				d.set(func() { d.openErr = nil })
				if took := b.until(StateReady); took > settle+doubtEvery {
					t.Errorf("ready %v after the permissions were there", took)
				}
				if strings.Contains(b.log.String(), "permission denied") || b.logged() != 2 { // absent, ready
					t.Errorf("the log says\n%s", b.log)
				}
			})
		})
	}
}

func TestPermissionsMayComeLateAfterEveryPlug(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		pass(time.Minute)
		for _, away := range []time.Duration{10 * time.Second, settle / 2, settle / 2} {
			d.unplug()
			pass(away)
			d.set(func() { d.openErr = errDenied })
			d.replug()
			b.hint()
			pass(doubt * 3 / 4)
			d.set(func() { d.openErr = nil })
			b.until(StateReady)
			pass(time.Minute)
		}
		if strings.Contains(b.log.String(), "permission denied") {
			t.Errorf("the log says\n%s", b.log)
		}
	})
}

func TestAScannerThatIsForbiddenFromTheStartIsSaidToBeAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.openErr = errDenied
		b := start(t, decode.Framing{}, d)
		if b.state() != StateNoPermission {
			t.Errorf("%s", b.state())
		}
	})
}

func TestAfterAMessageTheScannerIsLookedForMoreOften(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.findErr = errAbsent
		b := start(t, decode.Framing{}, d)
		pass(time.Minute + DefaultFindEvery/2)
		b.hint()
		pass(5*time.Second + 10*time.Millisecond)
		before, _ := d.counts()
		pass(5 * time.Second)
		if after, _ := d.counts(); after-before < 19 || after-before > 21 {
			t.Errorf("%d looks in five seconds", after-before)
		}
		d.replug() // its driver took that long
		if took := b.until(StateReady); took > DefaultFindAfterLoss {
			t.Errorf("ready after %v", took)
		}
	})
}

func TestAScannerThatStaysForbiddenIsSaidToBeOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.findErr = errAbsent
		b := start(t, decode.Framing{}, d)
		pass(time.Minute)
		d.set(func() { d.openErr = errDenied })
		d.replug()
		b.hint()
		if took := b.until(StateNoPermission); took < doubt || took > doubt+2*doubtEvery {
			t.Errorf("said after %v", took)
		}
		pass(time.Hour)
		if b.logged() != 2 { // absent, forbidden
			t.Errorf("the log says\n%s", b.log)
		}
		d.set(func() { d.openErr = nil })
		b.hint() // udev has set the permissions
		if took := b.until(StateReady); took > DefaultFindAfterLoss {
			t.Errorf("ready after %v", took)
		}
	})
}

func TestAStormOfMessagesCostsLittleAndSaysNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.findErr = errAbsent
		b := start(t, decode.Framing{}, d)
		pass(time.Minute)
		before, _ := d.counts()
		for range 10_000 {
			b.hint()
			pass(time.Millisecond)
		}
		after, _ := d.counts()
		if n := after - before; n > int(10*time.Second/settle)+1 {
			t.Errorf("%d looks in ten seconds", n)
		}
		if b.logged() != 1 {
			t.Errorf("the log says\n%s", b.log)
		}
	})
}

// Opening a HID scanner takes it from the kernel and closing gives it back: both
// make messages, which must not make the next attempt sooner and sooner.
func TestAScannerThatCannotBeOpenedDoesNotWakeItself(t *testing.T) {
	for _, tc := range []struct {
		name string
		fail func(*fakeDriver)
		most int // attempts in a minute
	}{
		{"busy", func(d *fakeDriver) {
			d.openErr = &Error{Op: "open", Port: "/fake/lane", Kind: KindBusy}
		}, int(time.Minute/DefaultFindAfterLoss) + int(doubt/doubtEvery)},
		{"failing as soon as it is open", func(*fakeDriver) {}, 60 + 2*shortLives},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := newFake(t, "lane")
				tc.fail(d)
				b := start(t, decode.Framing{}, d)
				for end := time.Now().Add(time.Minute); time.Now().Before(end); pass(10 * time.Millisecond) {
					b.hint()
					if d.isOpen() {
						d.give(input{err: errGone})
					}
				}
				if _, opens := d.counts(); opens > tc.most || opens < 30 {
					t.Errorf("%d attempts in a minute, want %d at most", opens, tc.most)
				}
			})
		})
	}
}

func TestAMessageForAnotherDeviceDisturbsNobodyWhoReads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane") // fails the test if it is looked for while it is open
		b := start(t, decode.Framing{}, d)
		got := b.next(t.Context(), b.claim("till"))
		d.send(codeA[:9])
		for range 100 {
			b.hint()
			pass(time.Millisecond)
		}
		d.send(codeA[9:] + "\r")
		b.want(got, codeA)
		if _, opens := d.counts(); opens != 1 {
			t.Errorf("opened %d times", opens)
		}
	})
}

func TestWithoutMessagesTheScannersAreLookedForAllTheSame(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.findErr = errAbsent
		b := start(t, decode.Framing{}, d)
		close(b.plugged) // whoever told has gone
		pass(time.Minute)
		d.replug()
		if took := b.until(StateReady); took > DefaultFindEvery {
			t.Errorf("ready after %v", took)
		}
		if finds, _ := d.counts(); finds > 62 {
			t.Errorf("%d looks in a minute", finds)
		}
	})
}
