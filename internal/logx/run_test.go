package logx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// page is a stream that a test reads while the writer writes.
type page struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (p *page) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(line)
}

// turn returns what was written since the last turn.
func (p *page) turn() string {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.out.String()
	p.out.Reset()
	return text
}

func lines(text string) int { return strings.Count(text, "\n") }

func TestTheLevelChangesAtRunTimeAndGoesBackByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out page
		l := open(t, Options{Level: "warn", Stderr: &out})
		tell := func() string {
			l.Logger().Debug("one")
			l.Logger().Info("two")
			return out.turn()
		}
		wants := func(name, got string, debug, info bool) {
			t.Helper()
			if strings.Contains(got, "msg=one") != debug || strings.Contains(got, "msg=two") != info {
				t.Errorf("%s: %s", name, got)
			}
		}
		wants("warn", tell(), false, false)
		if err := l.SetLevel("info"); err != nil {
			t.Fatal(err)
		}
		wants("info", tell(), false, true)
		if err := l.SetLevel("loud"); !errors.Is(err, ErrOptions) {
			t.Errorf("an unknown level: %v", err)
		}
		if err := l.SetLevelFor("debug", 15*time.Minute); err != nil {
			t.Fatal(err)
		}
		until := time.Now().Add(15 * time.Minute)
		if s := l.Level(); s.Level != "debug" || s.Configured != "info" || s.Until == nil || !s.Until.Equal(until) {
			t.Errorf("state: %+v", s)
		}
		wants("debug for a time", tell(), true, true)
		if err := l.SetLevel("error"); err != nil { // a reload meanwhile
			t.Fatal(err)
		}
		wants("a reload does not end it", tell(), true, true)
		time.Sleep(15 * time.Minute)
		text := out.turn()
		wants("it went back to what the reload said", tell(), false, false)
		if !strings.Contains(text, "action=log_level") || !strings.Contains(text, "log_level=error") {
			t.Errorf("nobody was told: %s", text)
		}
		if s := l.Level(); s.Level != "error" || s.Until != nil {
			t.Errorf("state: %+v", s)
		}
		for range 2 { // the second takes the place of the first
			if err := l.SetLevelFor("debug", time.Minute); err != nil {
				t.Fatal(err)
			}
			time.Sleep(40 * time.Second)
		}
		wants("the first timer is of no account", tell(), true, true)
		if err := l.SetLevelFor("debug", 0); err != nil {
			t.Fatal(err)
		}
		wants("back at once", tell(), false, false)
	})
}

func TestARepeatedErrorHasItsFirstLinesAndThenOneLineAWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out page
		l := open(t, Options{Stderr: &out})
		fail := func(n int, scanner string) {
			for i := range n {
				l.Logger().Warn("the scanner does not answer", "scanner", scanner, "error", fmt.Errorf("port %d: no device", i), "took", time.Duration(i))
			}
		}
		fail(1, "left")
		if got := out.turn(); lines(got) != 1 {
			t.Errorf("the first line is not there: %s", got)
		}
		fail(999, "left")
		fail(3, "right")
		got := out.turn()
		if n := strings.Count(got, "scanner=left"); n != 4 {
			t.Errorf("%d more lines of the first scanner, want 4:\n%s", n, got)
		}
		if n := strings.Count(got, "scanner=right"); n != 3 {
			t.Errorf("%d lines of the other scanner, want 3", n)
		}
		time.Sleep(time.Minute)
		got = out.turn()
		if lines(got) != 1 || !strings.Contains(got, "the scanner does not answer; repeated 995 times") || !strings.Contains(got, "repeated=995 window=1m0s") ||
			!strings.Contains(got, "level=WARN") || !strings.Contains(got, "scanner=left") {
			t.Errorf("at the end of the window: %s", got)
		}
		// It goes on: windows grow, and each has one line alone.
		for _, minutes := range []int{2, 4, 8, 16, 32, 60, 60} {
			window := time.Duration(minutes) * time.Minute
			fail(10, "left")
			if got := out.turn(); got != "" {
				t.Errorf("in the window of %s: %s", window, got)
			}
			time.Sleep(window)
			if got := out.turn(); lines(got) != 1 || !strings.Contains(got, "repeated 10 times") {
				t.Errorf("at the end of the window of %s: %s", window, got)
			}
		}
		if n := l.Stats().Repeated; n != 995+70 {
			t.Errorf("%d counted as left out", n)
		}
		time.Sleep(time.Hour) // it was quiet for a window: what comes now is news
		fail(1, "left")
		if got := out.turn(); lines(got) != 1 || strings.Contains(got, "repeated") {
			t.Errorf("after the silence: %s", got)
		}
	})
}

func TestWhatWasLeftOutIsToldAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out page
		l := open(t, Options{Stderr: &out})
		for range 7 {
			l.Logger().Error("no connection")
		}
		finish(t, l)
		if got := out.turn(); lines(got) != 6 || !strings.Contains(got, "no connection; repeated 2 times") {
			t.Errorf("%s", got)
		}
	})
}

func TestLinesAboutMoneyAreNeverRepetitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out page
		l := open(t, Options{Stderr: &out})
		for _, a := range Actions() {
			for range 50 {
				l.Logger().Warn("the same", "action", a.Action, "sale", "R-1")
			}
			want := repeatLimit
			if a.Money {
				want = 50
			}
			if got := lines(out.turn()); got != want {
				t.Errorf("%s: %d lines of 50, want %d", a.Action, got, want)
			}
		}
		for range 50 {
			l.Logger().Warn("audit, in the log alone", "actor", "root", "action", "drain")
		}
		if got := lines(out.turn()); got != 50 {
			t.Errorf("audit trail: %d lines of 50", got)
		}
		for range 50 {
			l.Logger().Info("a scan was not used", "sale", "R-1")
		}
		if got := lines(out.turn()); got != 50 {
			t.Errorf("what is no warning: %d lines of 50", got)
		}
	})
}

func TestAFloodOfDifferentLinesTakesNoEndlessMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, Options{Stderr: io.Discard})
		for n := range 5 * repeatKeys {
			l.Logger().Warn("unknown request", "path", fmt.Sprintf("/%d", n))
		}
		l.repeats.mu.Lock()
		n := len(l.repeats.seen)
		l.repeats.mu.Unlock()
		if n > repeatKeys {
			t.Errorf("%d lines are remembered", n)
		}
	})
}

// stuck is a stream that nobody reads.
type stuck struct {
	page
	entered chan struct{}
	release chan struct{}
	once    sync.Once
}

func newStuck() *stuck { return &stuck{entered: make(chan struct{}), release: make(chan struct{})} }

func (s *stuck) Write(line []byte) (int, error) {
	s.once.Do(func() { close(s.entered) })
	<-s.release
	return s.page.Write(line)
}

func TestALogThatNobodyReadsHoldsNobodyUpAndLosesDebugFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newStuck()
		l := open(t, Options{Level: "debug", Stderr: out})
		log := l.Logger()
		log.Info("the first")
		<-out.entered
		begun := time.Now()
		text := strings.Repeat("x", 1000)
		for n := range 3000 {
			log.Debug("a message", "n", n, "text", text)
		}
		for n := range 2000 {
			log.Info("something", "n", n, "text", text)
		}
		for n := range 2000 {
			log.Info("a payment", "action", ActionPayment, "n", n, "text", text)
		}
		if d := time.Since(begun); d != 0 {
			t.Errorf("whoever logged was held up for %s", d)
		}
		s := l.Stats()
		if s.LostDebug < 1000 || s.LostDebug == 3000 || s.LostOrdinary != 0 || s.LostMoney != 0 {
			t.Errorf("%+v; want some debug lines to be lost, and no other", s)
		}
		if l.Flush(time.Second) {
			t.Error("flushed what nobody reads")
		}
		close(out.release)
		if !l.Flush(time.Second) {
			t.Error("not flushed")
		}
		log.Info("after")
		got := out.turn()
		if n := strings.Count(got, "msg=\"a payment\""); n != 2000 {
			t.Errorf("%d lines about payments, want 2000", n)
		}
		if n := strings.Count(got, "msg=something"); n != 2000 {
			t.Errorf("%d ordinary lines, want 2000", n)
		}
		if want := fmt.Sprintf("lost_debug=%d lost_ordinary=0 lost_money=0", s.LostDebug); !strings.Contains(got, want) {
			t.Errorf("the loss is not told: want %s", want)
		}
	})
}

func TestWithoutEndEvenMoneyLinesAreCountedAndNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newStuck()
		l := open(t, Options{Stderr: out})
		text := strings.Repeat("x", 100_000)
		for range 1000 { // 100 MB
			l.Logger().Info("a payment", "action", ActionPayment, "text", text)
		}
		if s := l.Stats(); s.LostMoney < 700 || s.LostMoney > 900 {
			t.Errorf("%+v", s)
		}
		l.handover.mu.Lock()
		waiting := l.handover.bytes
		l.handover.mu.Unlock()
		if waiting > waitingLimit(classMoney) {
			t.Errorf("%d bytes wait", waiting)
		}
		close(out.release)
	})
}

func TestTheEndOfTheProgramDoesNotWaitForALogThatNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newStuck()
		l, err := New(Options{Stderr: out})
		if err != nil {
			t.Fatal(err)
		}
		l.Logger().Info("one")
		begun := time.Now()
		if err := l.Close(); !errors.Is(err, ErrNotWritten) {
			t.Errorf("closing: %v", err)
		}
		l.Logger().Info("after the end")
		if d := time.Since(begun); d > 2*closeLimit {
			t.Errorf("waited for %s", d)
		}
		close(out.release)
		<-l.done
	})
}

func TestFlushIsForLoggersOfThisPackage(t *testing.T) {
	var out bytes.Buffer
	l := open(t, Options{Stderr: &out})
	log := l.Logger().With("sale", "R-1")
	log.Info("one")
	Flush(log, time.Minute)
	if !strings.Contains(out.String(), "sale=R-1") {
		t.Errorf("not written: %s", out.String())
	}
}
