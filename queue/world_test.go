package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"posagent/internal/audit"
	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// world writes a journal with sales in every kind of state, filed and live ones,
// and returns its path. It is closed cleanly.
func world(t *testing.T) string {
	t.Helper()
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	for i := range 24 {
		record(t, j, audit.Drain, fmt.Sprint(i))
		id := offline.SaleID(fmt.Sprintf("R-%02d", i))
		m := offline.MerchantTransID(fmt.Sprintf("S01-T03-20261121T0930%02d-AAAA", i))
		queuetest.Commit(t, j, s.Start(id, m, queuetest.Code(i)))
		switch i % 8 {
		case 0:
			queuetest.Commit(t, j, s.Paid(id, m))
		case 1:
			queuetest.Commit(t, j, s.Unsent(id, m))
		case 2:
			queuetest.Commit(t, j, s.Declined(id, m), s.Pay(id, m+"-2", queuetest.Code(100+i)), s.Paid(id, m+"-2"))
		case 3:
			queuetest.Commit(t, j, s.Parked(id, m))
		case 4:
			queuetest.Commit(t, j, s.Paid(id, m), s.Refund(id, m, "F-1", 100), s.Refunded(id, "F-1"))
		case 5:
			queuetest.Commit(t, j, s.Paid(id, m), s.Refund(id, m, "F-1", 100))
		case 6:
			queuetest.Commit(t, j, s.Facts(id, m, s.Finished(1, offline.Outcome{Kind: offline.NoAnswer, Detail: "time-out"}), s.Begun(2, offline.OpQuery)))
		}
		if i == 15 {
			if err := j.Tidy(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return j.Path()
}

// readAll reads everything that the interface gives, and returns the sales.
func readAll(j *queue.Journal) (map[offline.SaleID]offline.Sale, error) {
	sales := map[offline.SaleID]offline.Sale{}
	var errs []error
	f := offline.SaleFilter{Limit: 7}
	for {
		page, err := j.Sales(f)
		errs = append(errs, err)
		for _, s := range page.Sales {
			sales[s.ID] = s
			_, err := j.Sale(s.ID)
			errs = append(errs, err)
			for i := range s.Payments {
				// An index that lost the entry cannot know that it ever had it.
				if _, err := j.SaleOf(s.Payments[i].ID); !errors.Is(err, offline.ErrUnknownSale) {
					errs = append(errs, err)
				}
			}
		}
		if f.Cursor = page.Cursor; f.Cursor == "" {
			break
		}
	}
	_, err := j.Events(0, 0)
	_, err2 := j.Totals("2026-11-21")
	_, err3 := j.Unsettled(offline.NeverDue, 0)
	_, err4 := j.Stats()
	return sales, errors.Join(append(errs, err, err2, err3, err4)...)
}

func mustReadAll(t *testing.T, path string) map[offline.SaleID]offline.Sale {
	t.Helper()
	j, err := queue.Open(path, queue.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	sales, err := readAll(j)
	if err := errors.Join(err, j.Close()); err != nil {
		t.Fatal(err)
	}
	return sales
}

// damage is one way to break a file.
type damage struct {
	name  string
	apply func(data []byte) []byte
}

// checkDamage opens, verifies and repairs a broken copy of a journal, and holds
// what comes of it against what was there.
func checkDamage(t *testing.T, intact []byte, want map[offline.SaleID]offline.Sale, d damage) queue.Repaired {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	broken := d.apply(slices.Clone(intact))
	if err := os.WriteFile(path, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := queue.Open(path, queue.Options{})
	switch {
	case err == nil:
		if _, err := readAll(j); err != nil && !errors.Is(err, queue.ErrDamaged) {
			t.Errorf("%s: reading: %v, want ErrDamaged", d.name, err)
		}
		if err := j.Close(); err != nil && !errors.Is(err, queue.ErrDamaged) {
			t.Errorf("%s: closing: %v", d.name, err)
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
	case !errors.Is(err, queue.ErrDamaged):
		t.Errorf("%s: opening: %v, want ErrDamaged", d.name, err)
	default:
		if now, err := os.ReadFile(path); err != nil || !slices.Equal(now, broken) {
			t.Errorf("%s: a file that does not open was changed (%v)", d.name, err)
		}
	}
	v, err := queue.Verify(context.Background(), path)
	if err != nil {
		t.Errorf("%s: verifying: %v", d.name, err)
	}
	r, err := queue.Repair(context.Background(), path, queue.Options{})
	if err != nil {
		t.Errorf("%s: repairing: %v", d.name, err)
		return r
	}
	if v.OK() != (r.KeptAs == "") {
		t.Errorf("%s: verify says %v, repair kept the file as %q", d.name, v.OK(), r.KeptAs)
	}
	if r.KeptAs != "" {
		if kept, err := os.ReadFile(r.KeptAs); err != nil || !slices.Equal(kept, broken) {
			t.Errorf("%s: the damaged file was not kept as it was (%v)", d.name, err)
		}
	}
	queuetest.Verify(t, path)
	checkCarried(t, d.name, want, mustReadAll(t, path), r)
	if t.Failed() {
		for _, f := range r.Findings {
			t.Logf("%s: %s", d.name, f)
		}
		t.FailNow()
	}
	return r
}

// harm counts what a series of damages did, so that a series that harms nothing
// does not pass for a proof.
type harm struct{ found, incomplete, parked, lost int }

func (h *harm) add(r queue.Repaired) {
	if r.KeptAs != "" {
		h.found++
	}
	h.incomplete += r.Incomplete
	h.parked += len(r.Parked)
	h.lost += len(r.Lost)
}

func (h *harm) atLeast(t *testing.T, least harm) {
	t.Helper()
	t.Logf("%+v", *h)
	if h.found < least.found || h.incomplete < least.incomplete || h.parked < least.parked {
		t.Errorf("the damage did too little to prove anything: %+v, want at least %+v", *h, least)
	}
}

// checkCarried: nothing that may have charged a customer was ended or forgotten.
func checkCarried(t *testing.T, name string, want, got map[offline.SaleID]offline.Sale, r queue.Repaired) {
	t.Helper()
	for id, old := range want {
		now, ok := got[id]
		for i := range old.Payments {
			p := &old.Payments[i]
			q := now.Payment(p.ID)
			if !ok || q == nil {
				held := now.Current() != nil && strings.HasPrefix(string(now.Current().ID), "LOST-") && slices.Contains(r.Parked, now.Current().ID)
				if !slices.Contains(r.Lost, p.ID) && r.MissingEvents == 0 && !held {
					t.Errorf("%s: payment %s is gone and the report does not say so", name, p.ID)
				}
				continue
			}
			if p.End == nil && q.End != nil || p.End != nil && q.End != nil && p.End.Result != q.End.Result {
				t.Errorf("%s: payment %s ended as %+v, was %+v", name, p.ID, q.End, p.End)
			}
			if q.End == nil && q.Facts < p.Facts && offline.DeriveState(*q) != offline.StateAttention {
				t.Errorf("%s: payment %s lost facts and is %s, want attention", name, p.ID, offline.DeriveState(*q))
			}
			for k := range min(len(p.Attempts), len(q.Attempts)) {
				a, b := p.Attempts[k], q.Attempts[k]
				if b.Finished() && !cmp.Equal(a, b) || a.ReqMsgID != b.ReqMsgID {
					t.Errorf("%s: payment %s, attempt %d is another one: %+v, was %+v", name, p.ID, k, b, a)
				}
			}
			if q.Amount != p.Amount || q.Code != p.Code {
				t.Errorf("%s: payment %s has amount %s and code %v, had %s and %v", name, p.ID, q.Amount, q.Code, p.Amount, p.Code)
			}
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("%s: sale %s was made up", name, id)
		}
	}
}
