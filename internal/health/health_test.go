package health

import (
	"testing"
	"testing/synctest"
	"time"
)

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func codes(list []Warning) []Code {
	out := []Code{}
	for _, w := range list {
		out = append(out, w.Code)
	}
	return out
}

func TestAWarningStandsUntilItIsCleared(t *testing.T) {
	r := New()
	c := r.Changed()
	r.Set(Warning{Code: "disk_low", Severity: Warn, Title: "Disk nearly full"})
	if !closed(c) {
		t.Error("setting a warning did not notify")
	}
	if got := r.Snapshot(); len(got) != 1 || got[0].Code != "disk_low" || got[0].Since.IsZero() {
		t.Errorf("snapshot %+v, want disk_low with its time", got)
	}
	c = r.Changed()
	r.Clear("disk_low")
	if !closed(c) {
		t.Error("clearing a warning did not notify")
	}
	if got := r.Snapshot(); len(got) != 0 {
		t.Errorf("snapshot %+v after Clear", got)
	}
}

func TestSettingWhatStandsIsNoChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New()
		w := Warning{Code: "disk_low", Severity: Warn, Text: "100 MB left"}
		r.Set(w)
		since := r.Snapshot()[0].Since
		time.Sleep(time.Minute)
		c := r.Changed()
		r.Set(w)
		if closed(c) {
			t.Error("the same warning again notified")
		}
		w.Text = "50 MB left"
		r.Set(w)
		got := r.Snapshot()[0]
		if !closed(c) || got.Text != "50 MB left" {
			t.Errorf("new text not shown: %+v", got)
		}
		if !got.Since.Equal(since) {
			t.Errorf("since moved from %s to %s with a new text", since, got.Since)
		}
	})
}

func TestWhatBlocksSellingComesFirst(t *testing.T) {
	r := New()
	r.Set(Warning{Code: "a", Severity: Info})
	r.Set(Warning{Code: "b", Severity: Warn})
	r.Set(Warning{Code: "z", Severity: BlocksSelling})
	got := codes(r.Snapshot())
	if len(got) != 3 || got[0] != "z" || got[1] != "b" || got[2] != "a" {
		t.Errorf("order %v, want z b a", got)
	}
	if got := codes(r.Blocking()); len(got) != 1 || got[0] != "z" {
		t.Errorf("blocking %v, want z", got)
	}
}

func TestSubjectsStandBesideEachOther(t *testing.T) {
	r := New()
	r.Set(Warning{Code: "scanner", Subject: "left", Severity: Warn})
	r.Set(Warning{Code: "scanner", Subject: "right", Severity: Warn})
	r.ClearSubject("scanner", "left")
	got := r.Snapshot()
	if len(got) != 1 || got[0].Subject != "right" {
		t.Errorf("snapshot %+v, want the right scanner alone", got)
	}
}

func TestABriefConditionIsNeverSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New()
		c := r.Changed()
		r.Set(Warning{Code: "scanner", Severity: Warn, VisibleAfter: 2 * time.Second})
		time.Sleep(1900 * time.Millisecond)
		r.Clear("scanner")
		time.Sleep(time.Minute)
		if closed(c) || len(r.Snapshot()) != 0 {
			t.Error("a condition of 1.9 s showed although it was to show after 2 s")
		}
	})
}

func TestALastingConditionBecomesVisibleInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New()
		w := Warning{Code: "scanner", Severity: Warn, Text: "absent", VisibleAfter: 2 * time.Second}
		r.Set(w)
		c := r.Changed()
		time.Sleep(time.Second)
		w.Text = "still absent" // must not start the wait afresh
		r.Set(w)
		time.Sleep(time.Second)
		synctest.Wait()
		if got := r.Snapshot(); !closed(c) || len(got) != 1 || got[0].Text != "still absent" {
			t.Errorf("after 2 s: %+v, want the newest text to show", got)
		}
	})
}

func TestAnOldTimerDoesNotRevealANewCondition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New()
		w := Warning{Code: "scanner", Severity: Warn, VisibleAfter: 2 * time.Second}
		r.Set(w)
		time.Sleep(time.Second)
		r.Clear("scanner")
		r.Set(w)
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		if len(r.Snapshot()) != 0 {
			t.Error("1.5 s after the second Set it shows: the first one's timer did it")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(r.Snapshot()) != 1 {
			t.Error("it never showed")
		}
	})
}

func TestWhatBlocksSellingIsNeverHidden(t *testing.T) {
	r := New()
	r.Set(Warning{Code: "journal_failed", Severity: BlocksSelling, VisibleAfter: time.Hour})
	if len(r.Blocking()) != 1 {
		t.Error("a blocking condition was hidden")
	}
	r.Set(Warning{Code: "gateway", Severity: Warn, VisibleAfter: time.Hour})
	r.Set(Warning{Code: "gateway", Severity: BlocksSelling, VisibleAfter: time.Hour})
	if len(r.Blocking()) != 2 {
		t.Error("a hidden condition that became blocking stayed hidden")
	}
	r.Clear("gateway")
	r.Clear("journal_failed")
}
