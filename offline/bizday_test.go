package offline_test

import (
	"testing"
	"time"

	"posagent/offline"
)

func TestTheBusinessDayIsBeijings(t *testing.T) {
	zones := []*time.Location{
		time.UTC, offline.Beijing, time.FixedZone("UTC-8", -8*3600), time.FixedZone("UTC+13", 13*3600), time.FixedZone("UTC+5:45", 5*3600+45*60),
	}
	bj := func(y int, m time.Month, d, h, min, s int) time.Time {
		return time.Date(y, m, d, h, min, s, 0, offline.Beijing)
	}
	rows := []struct {
		name     string
		at       time.Time
		day      offline.BusinessDay
		deadline time.Time
	}{
		{"noon", bj(2026, 11, 20, 12, 0, 0), "2026-11-20", bj(2026, 11, 21, 0, 15, 0)},
		{"the first moment of a day", bj(2026, 11, 20, 0, 0, 0), "2026-11-20", bj(2026, 11, 21, 0, 15, 0)},
		{"the last second of a day", bj(2026, 11, 20, 23, 59, 59), "2026-11-20", bj(2026, 11, 21, 0, 15, 0)},
		{"midnight belongs to the day that begins", bj(2026, 11, 21, 0, 0, 0), "2026-11-21", bj(2026, 11, 22, 0, 15, 0)},
		{"the grace of the day before", bj(2026, 11, 21, 0, 14, 59), "2026-11-21", bj(2026, 11, 22, 0, 15, 0)},
		{"the end of a month", bj(2026, 11, 30, 23, 59, 59), "2026-11-30", bj(2026, 12, 1, 0, 15, 0)},
		{"the end of a year", bj(2026, 12, 31, 23, 59, 59), "2026-12-31", bj(2027, 1, 1, 0, 15, 0)},
		{"the end of February", bj(2027, 2, 28, 23, 0, 0), "2027-02-28", bj(2027, 3, 1, 0, 15, 0)},
		{"the end of February in a leap year", bj(2028, 2, 28, 23, 0, 0), "2028-02-28", bj(2028, 2, 29, 0, 15, 0)},
		{"the last day of February in a leap year", bj(2028, 2, 29, 23, 0, 0), "2028-02-29", bj(2028, 3, 1, 0, 15, 0)},
		{"the day when Europe sets its clocks", bj(2026, 3, 29, 23, 30, 0), "2026-03-29", bj(2026, 3, 30, 0, 15, 0)},
	}
	for _, row := range rows {
		for _, zone := range zones {
			t.Run(row.name+" on a machine in "+zone.String(), func(t *testing.T) {
				if got := offline.DayOf(row.at.In(zone)); got != row.day {
					t.Errorf("DayOf = %s, want %s", got, row.day)
				}
				if got := offline.CancelDeadline(row.at.In(zone)); !got.Equal(row.deadline) {
					t.Errorf("CancelDeadline = %s, want %s", got, row.deadline)
				}
			})
		}
	}
}

func TestEveryPaymentHasAtLeastItsGraceToBeCancelled(t *testing.T) {
	for minute := range 2 * 24 * 60 {
		at := noon.Add(time.Duration(minute) * time.Minute)
		left := offline.CancelDeadline(at).Sub(at)
		if left <= 15*time.Minute || left > 24*time.Hour+15*time.Minute {
			t.Fatalf("paid at %s: %s left", at, left)
		}
	}
}
