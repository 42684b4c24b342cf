package till

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"time"

	"posagent/offline"
)

// Backlog is what goes on in the background: sales that are not settled, the
// foreground sale not counted.
type Backlog struct {
	Unsettled int
	ByState   map[offline.SaleState]int
	OldestOf  map[offline.SaleState]time.Time // when the oldest of a state was created
	Refunds   int                             // sales with a refund that is under way
	Oldest    time.Time                       // when the oldest was created; zero: none

	Attention      []offline.SaleID // need a person, those TakenAfterEnd too; oldest first, at most listed
	AttentionCount int
	TakenAfterEnd  []offline.SaleID // ended as not paid, and then the gateway named the money as taken; likewise
	TakenCount     int
	LateSuccess    []offline.SaleID // taken after their reversal was decided, still being returned; likewise
	LateCount      int
}

// listed bounds the lists of a Backlog: nobody reads more at a till, and the
// API lists the rest.
const listed = 50

// unsettled is what the till remembers of a sale that is not settled.
type unsettled struct {
	version   int
	created   time.Time
	state     offline.SaleState
	attention bool
	late      bool
	refunding bool
	taken     bool // the money was named as taken after the end
}

// backlog remembers every unsettled sale. It is read from the journal once and
// then kept up to date from the changes.
type backlog struct {
	sales map[offline.SaleID]unsettled
	made  Backlog // of the sales as they were at the last view ...
	clean bool    // ... and nothing changed since
	but   offline.SaleID
}

func newBacklog() backlog { return backlog{sales: map[offline.SaleID]unsettled{}} }

// apply takes in a sale as it is now.
func (b *backlog) apply(s *offline.Sale) {
	old, known := b.sales[s.ID]
	if s.Settled() {
		if known {
			delete(b.sales, s.ID)
			b.clean = false
		}
		return
	}
	u := unsettled{version: s.Version, created: s.CreatedAt, state: s.State()}
	u.attention = u.state == offline.SaleStateAttention
	for i := range s.Refunds {
		switch s.Refunds[i].State() {
		case offline.RefundAttention:
			u.attention = true
		case offline.RefundProcessing:
			u.refunding = true
		case offline.RefundRefunded, offline.RefundDeclined:
		}
	}
	for i := range s.Payments {
		p := &s.Payments[i]
		u.taken = u.taken || p.Reopened()
		u.late = u.late || p.End == nil && p.LateSuccess() && u.state != offline.SaleStateAttention
	}
	if !known || old != u && old.version <= u.version {
		b.sales[s.ID] = u
		b.clean = false
	}
}

// view counts everything but one sale. It costs nothing while nothing changes.
func (b *backlog) view(except offline.SaleID) Backlog {
	if b.clean && b.but == except {
		return b.made
	}
	out := Backlog{ByState: map[offline.SaleState]int{}, OldestOf: map[offline.SaleState]time.Time{}}
	for id, u := range b.sales {
		if id == except {
			continue
		}
		out.Unsettled++
		out.ByState[u.state]++
		if out.Oldest.IsZero() || u.created.Before(out.Oldest) {
			out.Oldest = u.created
		}
		if at, known := out.OldestOf[u.state]; !known || u.created.Before(at) {
			out.OldestOf[u.state] = u.created
		}
		if u.refunding {
			out.Refunds++
		}
	}
	out.Attention, out.AttentionCount = b.list(except, func(u unsettled) bool { return u.attention })
	out.LateSuccess, out.LateCount = b.list(except, func(u unsettled) bool { return u.late })
	out.TakenAfterEnd, out.TakenCount = b.list(except, func(u unsettled) bool { return u.taken })
	b.made, b.clean, b.but = out, true, except
	return out
}

// list names the oldest sales of a kind, and counts all of them.
func (b *backlog) list(except offline.SaleID, is func(unsettled) bool) ([]offline.SaleID, int) {
	var ids []offline.SaleID
	for id, u := range b.sales {
		if id != except && is(u) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y offline.SaleID) int {
		return cmp.Or(b.sales[x].created.Compare(b.sales[y].created), cmp.Compare(x, y))
	})
	n := len(ids)
	return slices.Clip(ids[:min(n, listed)]), n
}

// readBacklog reads from the journal what is unsettled. Changes that come
// meanwhile are applied after it and win by their version.
func (t *Till) readBacklog() error {
	due, err := t.opt.Journal.Unsettled(offline.NeverDue, maxBacklog)
	if err != nil {
		return err
	}
	gone := maps.Clone(t.backlog.sales)
	for _, d := range due {
		delete(gone, d.ID)
		sale, err := t.opt.Engine.Sale(d.ID)
		switch {
		case errors.Is(err, offline.ErrUnknownSale):
			continue // settled and pruned since it was listed
		case err != nil:
			return err
		}
		t.backlog.apply(&sale)
	}
	for id := range gone {
		delete(t.backlog.sales, id)
		t.backlog.clean = false
	}
	return nil
}

// maxBacklog bounds what the till remembers. A till that left more behind has
// other troubles; the journal still knows them all.
const maxBacklog = 100_000
