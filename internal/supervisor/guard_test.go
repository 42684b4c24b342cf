package supervisor

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// shop is a book with Ann, and a guard in virtual time.
type shop struct {
	t *testing.T
	b Book
	g *Guard
}

func inShop(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	b := cheap(t)
	synctest.Test(t, func(t *testing.T) {
		must(t, b.Set("Ann", NewPIN(good), time.Now()))
		s := &shop{t: t, b: b}
		s.restart()
		test(t, s)
	})
}

func (s *shop) restart() { s.g = NewGuard(s.b, slog.New(slog.DiscardHandler)) }

func (s *shop) right() {
	s.t.Helper()
	if name, err := s.g.Check(s.t.Context(), "ann", NewPIN(good)); err != nil || name != "Ann" {
		s.t.Errorf("the right PIN: %q, %v", name, err)
	}
}

// wrong tries another PIN and returns how the guard refuses it.
func (s *shop) wrong(name string) RefusedError {
	s.t.Helper()
	got, err := s.g.Check(s.t.Context(), name, NewPIN("271828"))
	var refused *RefusedError
	if !errors.As(err, &refused) || got != "" {
		s.t.Fatalf("a wrong PIN: %q, %v", got, err)
	}
	return *refused
}

func TestTheRightPINIsTakenInAnyCaseOfTheName(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) { s.right(); s.right() })
}

func TestWrongPINsCostWaitsThatGrow(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for left := freeTries - 1; left >= 1; left-- {
			if r := s.wrong("Ann"); r.Left != left || !r.Until.IsZero() {
				t.Errorf("%d left: %+v", left, r)
			}
		}
		for _, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, longestWait, longestWait} {
			r := s.wrong("Ann")
			if got := time.Until(r.Until); got != wait || r.Left != 0 {
				t.Errorf("wait %s, want %s", got, wait)
			}
			// While it lasts, the right PIN is not judged either, and costs nothing more.
			if _, err := s.g.Check(t.Context(), "Ann", NewPIN(good)); !errors.As(err, new(*RefusedError)) {
				t.Errorf("during the wait: %v", err)
			}
			time.Sleep(wait)
		}
		s.right()
		if r := s.wrong("Ann"); r.Left != freeTries-1 {
			t.Errorf("after the right one: %+v", r)
		}
	})
}

func TestARestartForgetsNoWrongTry(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for range freeTries {
			s.wrong("Ann")
			s.restart()
		}
		if _, err := s.g.Check(t.Context(), "Ann", NewPIN(good)); !errors.As(err, new(*RefusedError)) {
			t.Errorf("%v", err)
		}
	})
}

// Whoever pulls the plug while the hash is computed has made a wrong try.
func TestATryIsCountedBeforeItIsJudged(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		counts, err := s.g.load()
		must(t, err)
		for range freeTries { // what the daemon had written when it was killed
			counts["ann"] = counts["ann"].another(time.Now())
		}
		must(t, s.g.save(counts))
		s.restart()
		if _, err := s.g.Check(t.Context(), "Ann", NewPIN(good)); !errors.As(err, new(*RefusedError)) {
			t.Errorf("%v", err)
		}
	})
}

func TestACountThatCannotBeWrittenAllowsNothing(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		must(t, os.Mkdir(s.b.Path+".tries", 0o700))
		_, err := s.g.Check(t.Context(), "Ann", NewPIN(good))
		if !errors.As(err, new(*FileError)) {
			t.Errorf("%v", err)
		}
	})
}

func TestADamagedCountAllowsNothingAndSaysWhatToDo(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		must(t, os.WriteFile(s.b.Path+".tries", []byte("x"), 0o600))
		_, err := s.g.Check(t.Context(), "Ann", NewPIN(good))
		var file *FileError
		if !errors.As(err, &file) || file.Hint == "" {
			t.Errorf("%v", err)
		}
	})
}

func TestUnknownNamesAreCountedAsOneAndHoldNobodyElseUp(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			s.wrong(name)
		}
		if r := s.wrong("f"); r.Until.IsZero() {
			t.Errorf("the sixth unknown name: %+v", r)
		}
		s.right()
	})
}

func TestWrongTriesAreForgottenAfterADay(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for range freeTries - 1 {
			s.wrong("Ann")
		}
		time.Sleep(forgotten)
		if r := s.wrong("Ann"); r.Left != freeTries-1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestAClockThatWasSetBackLocksNobodyOutForLong(t *testing.T) {
	now := time.Now()
	c := count{Wrong: 9, Last: now.AddDate(1, 0, 0), Until: now.AddDate(1, 0, 0)}.at(now)
	if c.Until.Sub(now) != longestWait || c.Wrong != 9 {
		t.Errorf("%+v", c)
	}
}

func TestWhereNobodyIsSetUpNobodyAllowsAnything(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		must(t, s.b.Remove("Ann"))
		if _, err := s.g.Check(t.Context(), "Ann", NewPIN(good)); !errors.Is(err, ErrNobody) {
			t.Errorf("%v", err)
		}
	})
}

func TestPINsAreJudgedOneAtATime(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.g.turn <- struct{}{} // somebody else's is being judged
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.g.Check(ctx, "Ann", NewPIN(good)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		<-s.g.turn
		s.right()
	})
}
