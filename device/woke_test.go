package device

import (
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/decode"
)

func TestAfterASleepEveryPortIsOpenedAnewAndReads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left, right := newFake(t, "left"), newFake(t, "right")
		b := start(t, decode.Framing{}, left, right)
		got := b.next(t.Context(), b.claim("till"))
		left.send(codeA[:9]) // what came before the sleep is not joined to what comes after it
		b.woke <- struct{}{}
		pass(time.Second)
		synctest.Wait()
		for _, d := range []*fakeDriver{left, right} {
			if _, opens := d.counts(); opens != 2 || !d.isOpen() {
				t.Errorf("%s was opened %d times, open now: %v", d.name, opens, d.isOpen())
			}
		}
		for _, h := range b.Health() {
			if h.State != StateReady || h.LastError != "" {
				t.Errorf("%s is %s, %q: a sleep is no fault", h.Name, h.State, h.LastError)
			}
		}
		left.send(codeB + "\r")
		b.want(got, codeB)
	})
}

func TestAScannerThatIsGoneAfterASleepIsLookedForAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.findErr = errAbsent
		b := start(t, decode.Framing{}, d)
		pass(10*time.Minute + DefaultFindEvery/2)
		d.replug()
		b.woke <- struct{}{}
		if took := b.until(StateReady); took > settle {
			t.Errorf("ready after %v", took)
		}
		pass(time.Minute)
		if _, opens := d.counts(); opens != 1 {
			t.Errorf("opened %d times: it had not been open across the sleep", opens)
		}
	})
}
