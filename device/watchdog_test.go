package device

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device/decode"
)

func TestAReadThatDoesNotComeBackIsReportedAndOverWhenItDoes(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		got := b.next(t.Context(), b.claim("till"))
		d.give(input{chunk: Chunk{Data: []byte(codeA + "\r")}, stall: time.Minute})
		if took := b.until(StateFaulty); took < stuckAfter || took > stuckAfter+2*watchdogEvery {
			t.Errorf("reported after %v", took)
		}
		h := b.Health()[0]
		if !strings.Contains(h.LastError, "read /fake/lane: faulty: the system has not answered for 5s") || h.Hint == "" || h.Advice == "" || !h.Since.Equal(time.Now()) {
			t.Errorf("health %+v", h)
		}
		b.wantWaiting(got)
		b.until(StateReady)
		synctest.Wait()
		b.want(got, codeA)
		if n := b.Health()[0].Counters.Reconnects; n != 0 || b.logged() != 3 { // ready, stuck, ready
			t.Errorf("%d reconnects; the log says\n%s", n, b.log)
		}
	})
}

func TestAReadThatComesBackJustInTimeIsNoFault(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		for _, stall := range []time.Duration{stuckAfter - time.Millisecond, stuckAfter + watchdogEvery/2} {
			d.give(input{stall: stall})
			pass(stall + watchdogEvery)
			if b.logged() != 1 { // ready
				t.Errorf("after %v the log says\n%s", stall, b.log)
			}
		}
	})
}

func TestALookThatDoesNotComeBackIsReported(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		d.slow = 20 * time.Second
		b := start(t, decode.Framing{}, d)
		b.until(StateFaulty)
		if h := b.Health()[0]; !strings.Contains(h.LastError, "find") {
			t.Errorf("health %+v", h)
		}
		b.until(StateReady)
		pass(time.Hour)
		if b.state() != StateReady || b.logged() != 2 {
			t.Errorf("%s; the log says\n%s", b.state(), b.log)
		}
	})
}

func TestAPortThatNeverWaitsIsFaulty(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		hasty(d, tooOften-1)
		pass(time.Second)
		hasty(d, tooOften-1)
		d.send("6901234567892\r")
		hasty(d, tooOften-1)
		if b.state() != StateReady {
			t.Fatalf("%s, though it waits or reads now and then", b.state())
		}
		hasty(d, 1)
		if h := b.Health()[0]; h.State != StateFaulty || !strings.Contains(h.LastError, "at once") {
			t.Errorf("health %+v", h)
		}
	})
}

// hasty makes n Reads give nothing at once.
func hasty(d *fakeDriver, n int) {
	for range n {
		d.give(input{})
	}
}

func TestACableThatMakesContactNowAndThenDoesNotFillTheLog(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := newFake(t, "lane")
		b := start(t, decode.Framing{}, d)
		changes := 0
		for range 600 { // half an hour
			d.unplug()
			pass(time.Second)
			d.replug()
			b.until(StateReady)
			pass(2*time.Second - time.Millisecond)
			changes += 2
		}
		if n := b.logged(); n > 40*(changesPerMinute+1) {
			t.Errorf("%d lines for %d changes", n, changes)
		}
		pass(2 * time.Minute)
		log := strings.TrimSpace(b.log.String())
		if last := log[strings.LastIndex(log, "\n")+1:]; !strings.Contains(last, "comes and goes") || !strings.Contains(last, "state=ready") {
			t.Errorf("the log ends with\n%s", last)
		}
		if n := b.Health()[0].Counters.Reconnects; n != 600 {
			t.Errorf("%d reconnects counted", n)
		}
	})
}

func TestNoChangeIsLeftOutOfTheCount(t *testing.T) {
	var c changeLog
	now := time.Now()
	written, told := 0, 0
	const all = 1000
	for i := range all {
		now = now.Add(time.Second)
		if write, hidden := c.admit(now); write {
			written++
			told += hidden
		}
		if i%7 == 0 {
			told += c.overdue(now)
		}
	}
	told += c.overdue(now.Add(time.Hour))
	if minutes := all / 60; written < minutes*changesPerMinute || written > (minutes+1)*changesPerMinute {
		t.Errorf("%d written in %d minutes", written, minutes)
	}
	if written+told != all {
		t.Errorf("%d written and %d told of, of %d", written, told, all)
	}
}
