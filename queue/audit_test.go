package queue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/internal/audit"
	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

var operator = audit.Actor{Name: "CN=ops", Role: "operate", Via: "tls"}

func record(t *testing.T, j *queue.Journal, action audit.Action, subject string) {
	t.Helper()
	if err := j.Audit().Record(context.Background(), operator.Entry(action, subject)); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, j *queue.Journal, after uint64, limit int) []audit.Entry {
	t.Helper()
	l, err := j.Audit().List(after, limit)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTheAuditTrailSurvivesARestartInOrder(t *testing.T) {
	j := queuetest.Open(t)
	for i := range 25 {
		record(t, j, audit.Resume, fmt.Sprint(i))
	}
	j = queuetest.Reopen(t, j)
	record(t, j, audit.Drain, "25")
	got := list(t, j, 0, 0)
	if len(got) != 26 {
		t.Fatalf("%d entries, want 26", len(got))
	}
	for i, e := range got {
		if e.Seq != uint64(i+1) || e.Subject != fmt.Sprint(i) || e.Actor != "CN=ops" || e.At.IsZero() || e.Result != audit.Done {
			t.Errorf("entry %d is %+v", i, e)
		}
	}
	if page := list(t, j, 20, 3); len(page) != 3 || page[0].Seq != 21 || page[2].Seq != 23 {
		t.Errorf("after 20, at most 3: %+v", page)
	}
	if rest := list(t, j, 26, 0); len(rest) != 0 {
		t.Errorf("after the newest: %+v", rest)
	}
}

func TestAnEntryIsKeptWithoutCodesAndWithinItsLimits(t *testing.T) {
	j := queuetest.Open(t)
	e := operator.Entry(audit.Resolve, "R-1\nfaked line").With("note", "code 281234567890124394 was scanned")
	e.Error = strings.Repeat("ü", 5000)
	e.Lost, e.Seq = 7, 99
	if err := j.Audit().Record(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	got := list(t, j, 0, 0)[0]
	if got.Subject != "R-1 faked line" || strings.Contains(got.Detail["note"], "281234567890124394") || got.Seq != 1 || got.Lost != 0 {
		t.Errorf("got %+v", got)
	}
	if len(got.Error) > 1100 || !strings.HasSuffix(got.Error, "…") {
		t.Errorf("an error of %d bytes", len(got.Error))
	}
}

func TestAnEntryWithoutAnActorIsRefusedAndTheJournalGoesOn(t *testing.T) {
	j := queuetest.Open(t)
	if err := j.Audit().Record(context.Background(), audit.Entry{Action: audit.Drain, Result: audit.Done}); err == nil {
		t.Error("it was kept")
	}
	if err := j.Err(); err != nil {
		t.Errorf("the journal closed itself: %v", err)
	}
}

// A journal from before the trail has no bucket for it, and a program from before
// does not look at a bucket that it does not know: neither needs a migration.
func TestTheTrailNeedsNoMigrationForthOrBack(t *testing.T) {
	j := queuetest.Open(t)
	if got := list(t, j, 0, 0); len(got) != 0 {
		t.Errorf("a new journal has %+v", got)
	}
	record(t, j, audit.Drain, "")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, j.Path(), func(tx *bolt.Tx) error {
		if err := tx.DeleteBucket([]byte("audit")); err != nil {
			return err
		}
		b, err := tx.CreateBucket([]byte("of a newer version"))
		if err != nil {
			return err
		}
		return b.Put([]byte("k"), []byte("v"))
	})
	j = queuetest.OpenAt(t, j.Path(), queue.Options{})
	if got := list(t, j, 0, 0); len(got) != 0 {
		t.Errorf("got %+v", got)
	}
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
	if r, err := j.Verify(context.Background()); err != nil || !r.OK() {
		t.Errorf("verify: %+v, %v", r, err)
	}
	record(t, j, audit.Drain, "")
	if got := list(t, j, 0, 0); len(got) != 1 || got[0].Seq != 1 {
		t.Errorf("got %+v", got)
	}
}

func edit(t *testing.T, path string, fn func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fn), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsAMissingAndAnUnreadableEntryAndRepairSaysSo(t *testing.T) {
	for name, row := range map[string]struct {
		harm func(*bolt.Bucket) error
		left []uint64 // of 6, after repair; the repair's own entry follows
		lost int
	}{
		"one in the middle is gone": {func(b *bolt.Bucket) error { return b.Delete(number(3)) }, []uint64{1, 2, 4, 5, 6}, 1},
		"the newest is gone":        {func(b *bolt.Bucket) error { return b.Delete(number(6)) }, []uint64{1, 2, 3, 4, 5}, 1},
		"one is changed": {func(b *bolt.Bucket) error {
			return b.Put(number(4), bytes.Replace(b.Get(number(4)), []byte("CN=ops"), []byte("CN=oqs"), 1))
		}, []uint64{1, 2, 3, 5, 6}, 1},
		"a key that is no number": {func(b *bolt.Bucket) error { return b.Put([]byte("x"), []byte("y")) }, []uint64{1, 2, 3, 4, 5, 6}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := queuetest.Open(t).Path() + ".2" // one that need not verify in the end
			j, err := queue.Open(path, queue.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for range 6 {
				record(t, j, audit.Reload, "")
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			queuetest.Verify(t, path)
			edit(t, path, func(tx *bolt.Tx) error { return row.harm(tx.Bucket([]byte("audit"))) })
			r, err := queue.Verify(context.Background(), path)
			if err != nil || r.OK() || r.Findings[0].Kind != queue.FindingAudit {
				t.Fatalf("verify: %v, %v", r.Findings, err)
			}
			mended := mustRepair(t, path)
			if mended.Audit != len(row.left) || mended.LostAudit != row.lost {
				t.Errorf("repaired: %+v", mended)
			}
			queuetest.Verify(t, path)
			j = queuetest.OpenAt(t, path, queue.Options{})
			got := list(t, j, 0, 0)
			for i, seq := range row.left {
				if got[i].Seq != seq || got[i].Action != audit.Reload {
					t.Errorf("entry %d is %+v, want number %d", i, got[i], seq)
				}
			}
			last := got[len(got)-1]
			if len(got) != len(row.left)+1 || last.Action != audit.Repair || last.Seq != 7 {
				t.Errorf("%d entries, the last %+v", len(got), last)
			}
			record(t, j, audit.Drain, "")
		})
	}
}

func number(n uint64) []byte { return []byte(seq(n)) }

func TestPruningTakesOldEntriesAndLeavesTheSequenceUnbroken(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	at := now.AddDate(0, 0, -10)
	j := queuetest.OpenAt(t, t.TempDir()+"/journal.db", queue.Options{Now: func() time.Time { return at }})
	for range 10 {
		record(t, j, audit.Reload, "")
		at = at.AddDate(0, 0, 1)
	}
	n, err := j.Prune(now, 4*24*time.Hour+time.Hour, 2, nil)
	if err != nil || n.Audit != 6 {
		t.Fatalf("pruned %+v, %v; want 6 entries", n, err)
	}
	got := list(t, j, 0, 0)
	if len(got) != 4 || got[0].Seq != 7 {
		t.Errorf("left: %+v", got)
	}
	if n, err = j.Prune(now.AddDate(1, 0, 0), time.Hour, 0, nil); err != nil || n.Audit != 4 {
		t.Errorf("pruned %+v, %v; want the rest", n, err)
	}
	record(t, j, audit.Reload, "")
	if got := list(t, j, 0, 0); len(got) != 1 || got[0].Seq != 11 {
		t.Errorf("numbers begin again: %+v", got)
	}
}

func TestTheTrailIsExportedAndBackedUp(t *testing.T) {
	j := queuetest.Open(t)
	record(t, j, audit.Drain, "")
	record(t, j, audit.Resume, "")
	var out bytes.Buffer
	if n, err := j.Export(&out, queue.Audit, queue.ExportFilter{}); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var e audit.Entry
	if err := json.Unmarshal([]byte(lines[1]), &e); err != nil || len(lines) != 2 || e.Action != audit.Resume || e.Seq != 2 {
		t.Errorf("got %q, %v", lines, err)
	}
	r, err := j.BackupTo(context.Background(), t.TempDir()+"/copy.db")
	if err != nil || r.Audit != 2 {
		t.Errorf("backup: %+v, %v", r, err)
	}
}

func TestAnEntryCostsNoPaymentAnything(t *testing.T) {
	commits := 0
	j := queuetest.OpenAt(t, t.TempDir()+"/journal.db", queue.Options{Observe: func(time.Duration) { commits++ }})
	record(t, j, audit.Drain, "")
	if commits != 0 {
		t.Error("an entry counts as a payment's commit")
	}
	before, err := j.LastEvent()
	if err != nil {
		t.Fatal(err)
	}
	record(t, j, audit.Drain, "")
	if after, err := j.LastEvent(); err != nil || after != before {
		t.Errorf("an entry made event %d, %v", after, err)
	}
}

func TestAFailedEntryClosesTheJournalLikeAnyFailedWrite(t *testing.T) {
	fail := false
	j, err := queue.Open(t.TempDir()+"/journal.db", queue.Options{Faults: queue.Faults{Step: func(string) error {
		if fail {
			return noSpace()
		}
		return nil
	}}})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	fail = true
	if err := j.Audit().Record(context.Background(), operator.Entry(audit.Drain, "")); !errors.Is(err, offline.ErrJournal) {
		t.Errorf("got %v", err)
	}
	if err := j.Audit().Record(context.Background(), operator.Entry(audit.Drain, "")); !errors.Is(err, offline.ErrJournal) {
		t.Errorf("after it: %v", err)
	}
}
