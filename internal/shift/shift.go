// Package shift sums what a till took between two ends of a shift, and keeps the
// ends.
//
// A shift goes from one number of the journal's events to another: no payment is
// in two shifts or in none, whatever the clock did. The journal itself knows
// nothing of shifts. Their ends are in a small file beside it, which is replaced
// whole: a crash while a shift is being closed leaves it open, and the same
// request closes it.
package shift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"posagent/offline"
)

// Journal is what is summed; offline.Journal is one.
type Journal interface {
	Events(after uint64, limit int) ([]offline.Event, error)
	LastEvent() (uint64, error)
	Sale(id offline.SaleID) (offline.Sale, error)
}

// Total sums one currency.
type Total struct {
	Paid        int           `json:"paid"`
	PaidSum     offline.Money `json:"paidSum"`
	Refunded    int           `json:"refunded"`
	RefundedSum offline.Money `json:"refundedSum"`
}

// Shift is one shift, closed or not. Times are those of its two ends.
type Shift struct {
	Number    int              `json:"number"` // from 1; 0: still open
	ID        string           `json:"shiftId"`
	By        string           `json:"by"`
	From      time.Time        `json:"from"`
	To        time.Time        `json:"to"`
	After     uint64           `json:"after"` // events with greater numbers belong to it ...
	Last      uint64           `json:"last"`  // ... up to this one
	Totals    []Total          `json:"totals"`
	Open      []offline.SaleID `json:"open"`      // not settled at its end, at most 200
	OpenCount int              `json:"openCount"` // all of them
}

// Ledger sums the shift that is open and keeps those that were closed. Its methods
// may be called from any goroutine.
type Ledger struct {
	path    string
	journal Journal
	turn    chan struct{}

	// What was summed so far of the open shift: the next question goes on from there.
	sum   map[string]Total
	from  mark
	after uint64
}

// mark is where a shift begins.
type mark struct {
	event uint64
	at    time.Time
}

// New makes a ledger on a file that need not exist.
func New(path string, j Journal) *Ledger {
	return &Ledger{path: path, journal: j, turn: make(chan struct{}, 1)}
}

// Begin notes where the first shift begins, where no shift was ever closed: at what
// the journal holds now. It is for the start of the daemon.
func (l *Ledger) Begin(ctx context.Context, now time.Time) error {
	_, leave, err := l.hold(ctx, now)
	if err != nil {
		return err
	}
	leave()
	return nil
}

// Current sums the shift that is open. Sums are kept in memory; the first question
// after a start goes through all of it.
func (l *Ledger) Current(ctx context.Context, now time.Time) (Shift, error) {
	file, leave, err := l.hold(ctx, now)
	if err != nil {
		return Shift{}, err
	}
	defer leave()
	return l.add(ctx, file, now)
}

// Close ends the shift. The id is the idempotency key: again, it returns the shift
// that it has closed, and false. open are the sales that are not settled.
func (l *Ledger) Close(ctx context.Context, id, by string, open []offline.SaleID, now time.Time) (Shift, bool, error) {
	file, leave, err := l.hold(ctx, now)
	if err != nil {
		return Shift{}, false, err
	}
	defer leave()
	if old := file.find(id); old != nil {
		return *old, false, nil
	}
	s, err := l.add(ctx, file, now)
	if err != nil {
		return Shift{}, false, err
	}
	s.Number, s.ID, s.By = file.Next, id, by
	s.Open, s.OpenCount = open[:min(len(open), MostOpen)], len(open)
	file.Next++
	file.Begin = mark{s.Last, s.To}.stored()
	file.Shifts = append(file.Shifts, s)
	if err := l.save(file); err != nil {
		return Shift{}, false, err
	}
	l.sum = nil
	return s, true, nil
}

// Find returns the closed shift of that id, or false.
func (l *Ledger) Find(ctx context.Context, id string, now time.Time) (Shift, bool, error) {
	file, leave, err := l.hold(ctx, now)
	if err != nil {
		return Shift{}, false, err
	}
	defer leave()
	if old := file.find(id); old != nil {
		return *old, true, nil
	}
	return Shift{}, false, nil
}

// hold waits for its turn and reads the file; nobody else has a turn until leave.
func (l *Ledger) hold(ctx context.Context, now time.Time) (file book, leave func(), err error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return book{}, nil, ctx.Err()
	}
	leave = func() { <-l.turn }
	if file, err = l.load(now); err != nil {
		leave()
		return book{}, nil, err
	}
	return file, leave, nil
}

// page is how many events are read at a time, so that no commit waits for long.
const page = 500

// add brings the sum of the open shift up to date.
func (l *Ledger) add(ctx context.Context, file book, now time.Time) (s Shift, err error) {
	defer func() {
		if err != nil {
			l.sum = nil // part of a page may be in it
		}
	}()
	last, err := l.journal.LastEvent()
	if err != nil {
		return Shift{}, err
	}
	begin := file.Begin.mark()
	if l.sum == nil || l.from != begin || l.after > last {
		l.sum, l.from, l.after = map[string]Total{}, begin, begin.event
		if begin.event > last {
			// The journal is another, or an older copy was put back: its numbers say
			// nothing, and the time of the shift's begin decides.
			l.after = 0
		}
	}
	byTime := begin.event > last
	for l.after < last {
		if err := ctx.Err(); err != nil {
			return Shift{}, err
		}
		events, err := l.journal.Events(l.after, page)
		if err != nil {
			return Shift{}, err
		}
		if len(events) == 0 {
			break // the rest belonged to sales that were removed
		}
		for i := range events {
			if e := &events[i]; !byTime || e.At.After(begin.at) {
				if err := l.count(e); err != nil {
					return Shift{}, err
				}
			}
		}
		l.after = events[len(events)-1].Seq
	}
	s = Shift{From: begin.at, To: now.UTC().Truncate(time.Millisecond), After: begin.event, Last: max(l.after, last)}
	for _, t := range l.sum {
		s.Totals = append(s.Totals, t)
	}
	slices.SortFunc(s.Totals, func(a, b Total) int { return cmp.Compare(a.PaidSum.Currency, b.PaidSum.Currency) })
	return s, nil
}

// count adds what one write made paid or refunded. A payment counts as taken once:
// when it ended as paid, or with the first refund that was confirmed, whichever was
// first. So the day's totals count as well.
func (l *Ledger) count(e *offline.Event) error {
	paid, refunded := e.Ended(offline.ResultPaid), e.Refund != "" && e.Ended(offline.ResultRefunded)
	if !paid && !refunded {
		return nil
	}
	sale, err := l.journal.Sale(e.SaleID)
	if errors.Is(err, offline.ErrUnknownSale) {
		return nil // past its retention
	}
	if err != nil {
		return fmt.Errorf("sale %s: %w", e.SaleID, err)
	}
	t := l.sum[sale.Amount.Currency]
	t.PaidSum.Currency, t.RefundedSum.Currency = sale.Amount.Currency, sale.Amount.Currency
	taken := func(p *offline.Payment) {
		t.Paid++
		t.PaidSum.Value += p.Amount.Value
	}
	if p := sale.Payment(e.Payment); paid && p != nil && firstRefund(&sale, p) == nil {
		taken(p)
	}
	if r := sale.Refund(e.Refund); refunded && r != nil {
		t.Refunded++
		t.RefundedSum.Value += r.Amount.Value
		if p := sale.Payment(r.Payment); p != nil && firstRefund(&sale, p) == r {
			taken(p)
		}
	}
	l.sum[sale.Amount.Currency] = t
	return nil
}

// firstRefund is the refund with which the payment's money began to count as taken,
// or nil where it had ended as paid by then.
func firstRefund(s *offline.Sale, p *offline.Payment) *offline.Refund {
	var first *offline.Refund
	for i := range s.Refunds {
		r := &s.Refunds[i]
		if r.Payment == p.ID && r.State() == offline.RefundRefunded && (first == nil || r.End.At.Before(first.End.At)) {
			first = r
		}
	}
	if first != nil && p.End != nil && p.End.Result == offline.ResultPaid && !first.End.At.Before(p.End.At) {
		return nil
	}
	return first
}
