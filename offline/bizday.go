package offline

import "time"

// Beijing is the zone of the gateway's business day. It is a fixed offset: a
// till without a zone database must come to the same day, and the zone has had
// no daylight saving since 1991.
var Beijing = time.FixedZone("UTC+8", 8*60*60)

// BusinessDay is a day in Beijing time, as "2026-11-21".
type BusinessDay string

// DayOf returns the business day of a moment.
func DayOf(t time.Time) BusinessDay {
	return BusinessDay(t.In(Beijing).Format(time.DateOnly))
}

// cancelGrace is how long after the end of the business day a cancel is still
// taken (docs.antom.com/ac/hk_auto_debit/paycancel).
const cancelGrace = 15 * time.Minute

// CancelDeadline is the moment from which payCancel no longer works for a
// payment made at t: the end of its Beijing day and 15 minutes. Afterwards
// only a refund returns the money.
func CancelDeadline(t time.Time) time.Time {
	b := t.In(Beijing)
	return time.Date(b.Year(), b.Month(), b.Day()+1, 0, 0, 0, 0, Beijing).Add(cancelGrace)
}
