package queuetest

import (
	"errors"
	"testing"
	"time"

	"posagent/offline"
)

func codeTests() []namedTest {
	var tests []namedTest
	// Each way in which the first payment stands, and whether its code may come again.
	for _, row := range []struct {
		name  string
		after func(s *Script) []offline.Write
		free  bool
	}{
		{"of a payment under way", func(*Script) []offline.Write { return nil }, false},
		{"of a paid one", func(s *Script) []offline.Write { return []offline.Write{s.Paid("R-1", "M-1")} }, false},
		{"of a declined one", func(s *Script) []offline.Write {
			return []offline.Write{s.Declined("R-1", "M-1"), s.Close("R-1", offline.SaleExpired)}
		}, false},
		{"of one that waits for a person", func(s *Script) []offline.Write { return []offline.Write{s.Parked("R-1", "M-1")} }, false},
		{"of one that is proven unsent", func(s *Script) []offline.Write { return []offline.Write{s.Unsent("R-1", "M-1")} }, true},
	} {
		for _, where := range []struct {
			name   string
			reopen bool
			tidy   bool
		}{{"at once", false, false}, {"after a restart", true, false}, {"when it is filed", false, true}, {"when it is filed, after a restart", true, true}} {
			name := "a code " + row.name + " is refused " + where.name
			if row.free {
				name = "a code " + row.name + " may come again " + where.name
			}
			tests = append(tests, namedTest{name, func(t *testing.T, j Subject, s *Script) {
				first := s.Start("R-1", "M-1", Code(1))
				Commit(t, j, first)
				Commit(t, j, row.after(s)...)
				if where.tidy {
					j.tidy(t)
				}
				if where.reopen {
					j = j.Reopen()
				}
				_, err := j.Commit(s.Start("R-2", "M-2", Code(1)))
				wantUse(t, err, row.free, first)
			}})
		}
	}
	return append(tests,
		namedTest{"the same code within one sale is refused", func(t *testing.T, j Subject, s *Script) {
			first := s.Start("R-1", "M-1", Code(1))
			Commit(t, j, first, s.Declined("R-1", "M-1"))
			_, err := j.Commit(s.Pay("R-1", "M-2", Code(1)))
			wantUse(t, err, false, first)
			Commit(t, j, s.Pay("R-1", "M-2", Code(2)))
		}},
		namedTest{"a code used again after an unsent payment is refused the third time", func(t *testing.T, j Subject, s *Script) {
			Commit(t, j, s.Start("R-1", "M-1", Code(1)), s.Unsent("R-1", "M-1"))
			second := s.Start("R-2", "M-2", Code(1))
			Commit(t, j, second)
			j.tidy(t) // files the first one while the second is alive
			_, err := j.Commit(s.Start("R-3", "M-3", Code(1)))
			wantUse(t, err, false, second)
			Commit(t, j, s.Paid("R-2", "M-2"))
			j.tidy(t)
			_, err = j.Reopen().Commit(s.Start("R-3", "M-3", Code(1)))
			wantUse(t, err, false, second)
		}},
		namedTest{"digests of one code are equal across restarts and differ between codes", func(t *testing.T, j Subject, _ *Script) {
			a, b := j.Digest(Code(1)), j.Digest(Code(2))
			if a.Hash == b.Hash || a != j.Reopen().Digest(Code(1)) {
				t.Errorf("digests %v and %v: want different ones, each the same after a restart", a, b)
			}
		}},
	)
}

// wantUse checks the refusal of a code that the payment of first has used.
func wantUse(t *testing.T, err error, free bool, first offline.Write) {
	t.Helper()
	var used *offline.CodeUsedError
	switch {
	case free && err != nil:
		t.Errorf("the code was never sent, yet it is refused: %v", err)
	case !free && !errors.As(err, &used):
		t.Errorf("got %v, want a CodeUsedError", err)
	case !free:
		p := first.Payments[0]
		if used.SaleID != first.SaleID || used.Payment != p.ID || !used.At.Round(0).Equal(p.New.CreatedAt.Round(time.Nanosecond)) {
			t.Errorf("got %+v, want sale %s, payment %s, at %s", used, first.SaleID, p.ID, p.New.CreatedAt)
		}
	}
}
