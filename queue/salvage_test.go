package queue_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// txid reads the transaction number of one of the two heads.
func txid(data []byte, head int) uint64 {
	return binary.NativeEndian.Uint64(data[head*pageSize+16+48:])
}

// newerHead is the head that bbolt would use.
func newerHead(data []byte) int {
	if txid(data, 1) > txid(data, 0) {
		return 1
	}
	return 0
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// place writes a file that looks like the journal of a program that was killed.
func place(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustRepair(t *testing.T, path string) queue.Repaired {
	t.Helper()
	r, err := queue.Repair(context.Background(), path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.KeptAs == "" {
		t.Fatal("repair found nothing wrong")
	}
	queuetest.Verify(t, path)
	return r
}

// The newest commit let a message leave; then the head that made it current is
// damaged. Going back to the older head would forget the charge.
func TestAPaymentOfTheNewestCommitSurvivesTheLossOfItsHead(t *testing.T) {
	for _, row := range []struct {
		name  string
		write func(s *queuetest.Script) []offline.Write
		sale  offline.SaleID
		check func(t *testing.T, s offline.Sale)
	}{
		{"a new sale", func(s *queuetest.Script) []offline.Write {
			return []offline.Write{s.Start("R-99", "M-99", queuetest.Code(99))}
		}, "R-99", func(t *testing.T, s offline.Sale) {
			if len(s.Payments) != 1 || s.State() != offline.SaleStateAttention || len(s.Payments[0].Attempts) != 1 {
				t.Errorf("got %+v in state %s, want the payment, parked", s.Payments, s.State())
			}
		}},
		{"a second payment of a live sale", func(s *queuetest.Script) []offline.Write {
			return []offline.Write{s.Start("R-99", "M-98", queuetest.Code(98)), s.Declined("R-99", "M-98"), s.Pay("R-99", "M-99", queuetest.Code(99))}
		}, "R-99", func(t *testing.T, s offline.Sale) {
			if len(s.Payments) != 2 || s.State() != offline.SaleStateAttention {
				t.Errorf("got %+v in state %s, want both payments, the second parked", s.Payments, s.State())
			}
		}},
		{"a refund of a filed sale", func(s *queuetest.Script) []offline.Write {
			return []offline.Write{s.Refund("R-00", "S01-T03-20261121T093000-AAAA", "F-9", 5)}
		}, "R-00", func(t *testing.T, s offline.Sale) {
			if r := s.Refund("F-9"); r == nil || r.State() != offline.RefundAttention {
				t.Errorf("got refunds %+v, want F-9, parked", s.Refunds)
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			j, err := queue.Open(world(t), queue.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { j.Close() })
			queuetest.Commit(t, j, row.write(queuetest.NewScript(j))...)
			data := readFile(t, j.Path()) // as a power cut would leave it
			head := newerHead(data)
			clear(data[head*pageSize : (head+1)*pageSize])
			path := place(t, data)
			if _, err := queue.Open(path, queue.Options{}); !errors.Is(err, queue.ErrDamaged) {
				t.Fatalf("opening: %v, want ErrDamaged: the older head knows nothing of the payment", err)
			}
			mustRepair(t, path)
			row.check(t, mustReadAll(t, path)[row.sale])
		})
	}
}

// A power cut between the pages and the head of a commit leaves the pages of a
// write that never was. The next run takes its number for another write.
func TestAWriteThatWasNeverCommittedIsNotRepairedInto(t *testing.T) {
	path := world(t)
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	before := readFile(t, path)
	queuetest.Commit(t, j, queuetest.NewScript(j).Start("R-98", "M-98", queuetest.Code(98)))
	ghost := pageWith(t, readFile(t, path), "R-98\x00h")

	next := queuetest.OpenAt(t, place(t, before), queue.Options{}) // the commit never happened
	s := queuetest.NewScript(next)
	queuetest.Commit(t, next, s.Start("R-97", "M-97", queuetest.Code(97)), s.Unsent("R-97", "M-97"))
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	want := mustReadAll(t, next.Path())
	data := readFile(t, next.Path())[:usedBytes(t, next.Path())]
	pages := len(data) / pageSize
	binary.NativeEndian.PutUint64(ghost, uint64(pages))
	data = append(data, ghost...)
	kept, taken := 0, 0
	for page := 2; page < pages; page++ {
		broken := slices.Clone(data)
		clear(broken[page*pageSize : (page+1)*pageSize])
		p := place(t, broken)
		r, err := queue.Repair(context.Background(), p, queue.Options{})
		if err != nil {
			t.Fatalf("page %d: %v", page, err)
		}
		queuetest.Verify(t, p)
		got := mustReadAll(t, p)
		if ghost, ok := got["R-98"]; ok {
			// Where the page of R-97 is the broken one, nobody can know which of
			// the two was committed: both stay, and a person looks.
			_, there := got["R-97"]
			if there && !slices.ContainsFunc(r.Findings, func(f queue.Finding) bool { return f.SaleID == "R-97" }) {
				t.Errorf("page %d zeroed: R-98 is there although R-97 has its number", page)
			}
			if ghost.State() != offline.SaleStateAttention {
				t.Errorf("page %d zeroed: R-98 is %s, want attention", page, ghost.State())
			}
			taken++
			delete(got, "R-98")
		} else if r.KeptAs != "" {
			kept++
		}
		checkCarried(t, "page", want, got, r)
	}
	if kept == 0 || taken == 0 {
		t.Errorf("left out %d times, taken %d times: want both", kept, taken)
	}
}

// pageWith returns a copy of the last page that holds a key.
func pageWith(t *testing.T, data []byte, key string) []byte {
	t.Helper()
	at := bytes.LastIndex(data, []byte(key))
	if at < 0 {
		t.Fatalf("no page holds %q", key)
	}
	at -= at % pageSize
	return slices.Clone(data[at : at+pageSize])
}

// Pages of pruned sales stay in the file until they are used again.
func TestRepairDoesNotBringBackWhatWasPruned(t *testing.T) {
	path := world(t)
	j := queuetest.OpenAt(t, path, queue.Options{})
	now := queuetest.NewScript(j).Now
	if err := j.Tidy(); err != nil {
		t.Fatal(err)
	}
	p, err := j.Prune(now.Add(60*time.Hour+35*time.Second), 60*time.Hour, 0, nil)
	if err != nil || p.Sales == 0 {
		t.Fatalf("pruned %+v, %v; want some sales", p, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	want := mustReadAll(t, path)
	data := readFile(t, path)[:usedBytes(t, path)]
	if !slices.ContainsFunc([]string{"R-00", "R-01", "R-02", "R-04"}, func(id string) bool {
		return want[offline.SaleID(id)].ID == "" && bytes.Contains(data, []byte(id+"\x00h"))
	}) {
		t.Fatal("no page holds a pruned sale: the test proves nothing")
	}
	var h harm
	for page := range len(data) / pageSize {
		broken := slices.Clone(data)
		clear(broken[page*pageSize : (page+1)*pageSize])
		p := place(t, broken)
		r, err := queue.Repair(context.Background(), p, queue.Options{})
		if err != nil {
			t.Fatalf("page %d: %v", page, err)
		}
		queuetest.Verify(t, p)
		got := mustReadAll(t, p)
		for id := range got {
			if _, ok := want[id]; ok {
				continue
			}
			// Only the index of days tells pruned from lost, and only of a sale
			// whose end is left; else it comes back rather than be forgotten.
			if s := got[id]; s.Settled() && !daysLost(r) {
				t.Errorf("page %d zeroed: pruned sale %s came back as %s", page, id, s.State())
			}
			delete(got, id)
		}
		checkCarried(t, fmt.Sprintf("page %d zeroed", page), want, got, r)
		h.add(r)
	}
	h.atLeast(t, harm{found: 15, incomplete: 15, parked: 10})
}

// daysLost tells whether a repair could not follow the index of days.
func daysLost(r queue.Repaired) bool {
	return slices.ContainsFunc(r.Findings, func(f queue.Finding) bool {
		return strings.HasPrefix(f.What, `bucket ""`) || strings.HasPrefix(f.What, `bucket "days"`)
	})
}

func TestRepairLeavesASoundJournalAlone(t *testing.T) {
	path := world(t)
	before := readFile(t, path)
	r, err := queue.Repair(context.Background(), path, queue.Options{})
	if err != nil || r.KeptAs != "" || len(r.Findings) != 0 || r.Sales != 24 {
		t.Errorf("got %+v, %v; want 24 sales and nothing done", r, err)
	}
	if !slices.Equal(before, readFile(t, path)) {
		t.Error("the file was changed")
	}
}

func TestRepairKeepsTheKeyOfTheCodesOrSaysThatItIsLost(t *testing.T) {
	path, data := intactWorld(t)
	want := digestOf(t, path)
	kept, lost := 0, 0
	for page := range len(data) / pageSize {
		broken := slices.Clone(data)
		clear(broken[page*pageSize : (page+1)*pageSize])
		p := place(t, broken)
		r, err := queue.Repair(context.Background(), p, queue.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if same := digestOf(t, p) == want; same == r.CodeKeyLost {
			t.Errorf("page %d zeroed: the key is the same: %v, reported as lost: %v", page, same, r.CodeKeyLost)
		}
		if r.CodeKeyLost {
			lost++
		} else {
			kept++
		}
	}
	t.Logf("kept %d times, lost %d times", kept, lost)
	if kept == 0 {
		t.Error("the key was never kept")
	}
}

func digestOf(t *testing.T, path string) offline.CodeDigest {
	t.Helper()
	j, err := queue.Open(path, queue.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	return j.Digest(queuetest.Code(1))
}

// All of it is gone but the sale's own records on pages that nothing leads to.
func TestBothHeadsGoneEverythingIsFoundOnItsPages(t *testing.T) {
	path, data := intactWorld(t)
	want := mustReadAll(t, path)
	clear(data[:2*pageSize])
	p := place(t, data)
	r := mustRepair(t, p)
	got := mustReadAll(t, p)
	checkCarried(t, "both heads", want, got, r)
	for id, s := range want {
		now, ok := got[id]
		if !ok {
			t.Errorf("sale %s is gone", id)
			continue
		}
		for i := range s.Payments {
			q := now.Payment(s.Payments[i].ID)
			if q == nil || q.End == nil && offline.DeriveState(*q) != offline.StateAttention {
				t.Errorf("payment %s: got %+v, want it there, ended or parked", s.Payments[i].ID, q)
			}
		}
	}
}
