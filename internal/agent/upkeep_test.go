package agent

import (
	"testing"
	"time"

	"posagent/offline"
)

func TestALateSuccessIsCountedOnceInItsRun(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	answered := func(kind offline.OutcomeKind, at time.Time) offline.Attempt {
		return offline.Attempt{Op: offline.OpPay, FinishedSeq: 3, FinishedAt: at, Outcome: offline.Outcome{Kind: kind}}
	}
	undone := &offline.Mark{Seq: 2}
	payment := func(reversal *offline.Mark, attempts ...offline.Attempt) offline.Payment {
		p := offline.Payment{Reversal: reversal}
		p.ID, p.Attempts = "M-1", attempts
		return p
	}
	for _, row := range []struct {
		name    string
		payment offline.Payment
		want    int
	}{
		{"paid after its reversal was decided", payment(undone, answered(offline.Success, now)), 1},
		{"with its next message begun in the same commit", payment(undone, answered(offline.Success, now), offline.Attempt{Op: offline.OpCancel, BegunSeq: 4}), 1},
		{"refused after its reversal was decided", payment(undone, answered(offline.Failure, now)), 0},
		{"paid, and nobody wanted it undone", payment(nil, answered(offline.Success, now)), 0},
		{"late in an earlier run", payment(undone, answered(offline.Success, now.Add(-time.Hour))), 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			late, n := lateNews{}, 0
			for range 3 { // later changes of the sale show the payment again
				if late.news(&row.payment, now) {
					n++
				}
			}
			if n != row.want {
				t.Errorf("counted %d times, want %d", n, row.want)
			}
		})
	}
}
