package queue_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// small is a journal with a filed sale that is paid, one that is paid and
// refunded, a live one with its pay under way, and one that waits for
// its code. It is closed, and nobody else has it.
func small(t *testing.T) string {
	t.Helper()
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j,
		s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"),
		s.Start("R-2", "M-2", queuetest.Code(2)), s.Paid("R-2", "M-2"), s.Refund("R-2", "M-2", "F-2", 100), s.Refunded("R-2", "F-2"),
	)
	if err := j.Tidy(); err != nil {
		t.Fatal(err)
	}
	queuetest.Commit(t, j, s.Start("R-3", "M-3", queuetest.Code(3)), s.Open("R-4"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return place(t, readFile(t, j.Path()))
}

// put stores JSON with a right checksum: what a fault in a program would write,
// not what a fault of the disk makes.
func put(tx *bolt.Tx, bucket, key, json string) error {
	return tx.Bucket([]byte(bucket)).Put([]byte(key), queue.Seal([]byte(key), []byte(json)))
}

// alter replaces text in the JSON of a record.
func alter(tx *bolt.Tx, bucket, key, old, with string) error {
	v := tx.Bucket([]byte(bucket)).Get([]byte(key))
	if len(v) < 4 || !bytes.Contains(v, []byte(old)) {
		return fmt.Errorf("record %q is %q and has no %q", key, v, old)
	}
	return put(tx, bucket, key, strings.Replace(string(v[:len(v)-4]), old, with, 1))
}

func remove(tx *bolt.Tx, bucket, key string) error {
	b := tx.Bucket([]byte(bucket))
	if b.Get([]byte(key)) == nil {
		return fmt.Errorf("bucket %q has no %q", bucket, key)
	}
	return b.Delete([]byte(key))
}

// firstOf returns the first key of a bucket.
func firstOf(tx *bolt.Tx, bucket string) string {
	k, _ := tx.Bucket([]byte(bucket)).Cursor().First()
	return string(k)
}

func seq(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

// copySale copies all records of a sale into another bucket.
func copySale(tx *bolt.Tx, from, to, id string) error {
	return eachKey(tx.Bucket([]byte(from)), id+"\x00", func(k []byte) error {
		return tx.Bucket([]byte(to)).Put(k, bytes.Clone(tx.Bucket([]byte(from)).Get(k)))
	})
}

// What a fault of the disk cannot make, as every page and checksum is right:
// records that contradict each other. Each is found, said in words, and repaired
// into a journal that verifies, without any payment ended that was not.
func TestEachContradictionBetweenRecordsIsFoundAndRepaired(t *testing.T) {
	type row struct {
		name   string
		change func(tx *bolt.Tx) error
		kind   queue.FindingKind
		says   string
		opens  bool // the till starts: it is not among what a start reads
	}
	for _, row := range []row{
		{"the schema is not named", func(tx *bolt.Tx) error { return remove(tx, "meta", "schema") }, queue.FindingRecord, `"schema" is missing`, false},
		{"the key of the codes is cut", func(tx *bolt.Tx) error { return put(tx, "meta", "codekey", `"AAAA"`) }, queue.FindingCodeKey, "cannot be recognised", false},
		{"the terminal's name is unreadable", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("terminal"), []byte("S01/T03"))
		}, queue.FindingRecord, "wrong checksum", false},
		{"a record that is no JSON", func(tx *bolt.Tx) error { return put(tx, "meta", "schema", "one") }, queue.FindingRecord, "invalid character", false},
		{"an index is gone", func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("codes")) }, queue.FindingRecord, `bucket "codes" is missing`, false},
		{"the count of filed sales is off", func(tx *bolt.Tx) error { return tx.Bucket([]byte("sales")).SetSequence(5) }, queue.FindingIndex, "2 sales are filed, the bucket counts 5", true},
		{"the newest event is older than one that is there", func(tx *bolt.Tx) error { return tx.Bucket([]byte("live")).SetSequence(3) }, queue.FindingEvent, "newer than the newest", true},
		{"pruned events that were not", func(tx *bolt.Tx) error { return tx.Bucket([]byte("events")).SetSequence(2) }, queue.FindingEvent, "2 were pruned", true},

		{"a total is off", func(tx *bolt.Tx) error {
			return alter(tx, "totals", "2026-11-21\x00HKD", `"value":"25700"`, `"value":"25701"`)
		}, queue.FindingTotal, "257.01", true},
		{"a total is gone", func(tx *bolt.Tx) error { return remove(tx, "totals", "2026-11-21\x00HKD") }, queue.FindingTotal, "missing, the sales make", true},
		{"a total of no day", func(tx *bolt.Tx) error { return put(tx, "totals", "yesterday\x00HKD", "{}") }, queue.FindingTotal, "yesterday", false},
		{"a total that cannot be read", func(tx *bolt.Tx) error { return put(tx, "totals", "2026-11-21\x00HKD", "[]") }, queue.FindingTotal, "damaged record", false},

		{"an open sale among the filed", func(tx *bolt.Tx) error {
			return errors.Join(copySale(tx, "live", "sales", "R-3"), eachKey(tx.Bucket([]byte("live")), "R-3\x00", tx.Bucket([]byte("live")).Delete))
		}, queue.FindingSale, "filed and not settled", true},
		{"a sale in both places", func(tx *bolt.Tx) error { return copySale(tx, "sales", "live", "R-1") }, queue.FindingIndex, "live and filed at once", true},
		{"a key that is no sale's, filed", func(tx *bolt.Tx) error { return put(tx, "sales", "nonsense", "{}") }, queue.FindingRecord, `"nonsense"`, true},
		{"a key that is no sale's, live", func(tx *bolt.Tx) error { return put(tx, "live", "R-3\x00x", "{}") }, queue.FindingRecord, `R-3\x00x`, false},
		{"a sale without its head", func(tx *bolt.Tx) error { return remove(tx, "live", "R-3\x00h") }, queue.FindingRecord, "the head is missing", false},
		{"a sale without its standing", func(tx *bolt.Tx) error { return remove(tx, "live", "R-3\x00s") }, queue.FindingRecord, "the standing is missing", false},
		{"a sale under another's name", func(tx *bolt.Tx) error { return alter(tx, "live", "R-4\x00h", "R-4", "R-5") }, queue.FindingRecord, "R-5 stands as R-4", false},
		{"a payment without its head", func(tx *bolt.Tx) error { return remove(tx, "live", "R-3\x00p0001h") }, queue.FindingRecord, "the head of payment 1", false},
		{"a refund without its head", func(tx *bolt.Tx) error { return remove(tx, "sales", "R-2\x00r0001h") }, queue.FindingRecord, "the head of refund 1", true},
		{"a fact is missing in the middle", func(tx *bolt.Tx) error { return remove(tx, "sales", "R-2\x00r0001f0002") }, queue.FindingRecord, "fact 2 of refund 1", true},
		{"the newest fact is missing", func(tx *bolt.Tx) error { return remove(tx, "sales", "R-1\x00p0001f0003") }, queue.FindingRecord, "its standing says", true},
		{"a fact that no guard admits", func(tx *bolt.Tx) error {
			return alter(tx, "sales", "R-1\x00p0001f0002", `"`+string(offline.Success)+`"`, `"`+string(offline.NoAnswer)+`"`)
		}, queue.FindingSale, "would be refused", true},
		{"an event that says nothing", func(tx *bolt.Tx) error { return remove(tx, "sales", "R-1\x00v"+seq(2)) }, queue.FindingEvent, "event 2 is missing", true},
		{"an event in another's place", func(tx *bolt.Tx) error {
			return errors.Join(put(tx, "live", "R-3\x00v"+seq(7), `{"seq":8,"saleId":"R-3"}`))
		}, queue.FindingRecord, "stands as 7", false},

		{"a payment's entry names another sale", func(tx *bolt.Tx) error { return tx.Bucket([]byte("payments")).Put([]byte("M-1"), []byte("R-2")) }, queue.FindingIndex, `should say "R-1"`, true},
		{"a payment's entry is missing", func(tx *bolt.Tx) error { return remove(tx, "payments", "M-1") }, queue.FindingIndex, `"M-1"`, true},
		{"an entry of a payment that is nowhere", func(tx *bolt.Tx) error { return tx.Bucket([]byte("payments")).Put([]byte("M-9"), []byte("R-1")) }, queue.FindingIndex, "R-1 has no payment M-9", true},
		{"an entry of a sale that is nowhere", func(tx *bolt.Tx) error { return tx.Bucket([]byte("payments")).Put([]byte("M-9"), []byte("R-9")) }, queue.FindingIndex, `"R-9" does not exist`, true},
		{"a used code is forgotten", func(tx *bolt.Tx) error { return remove(tx, "codes", firstOf(tx, "codes")) }, queue.FindingIndex, "codes", true},
		{"a code's entry is nonsense", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("codes")).Put([]byte("sixteen bytes ..")[:16], []byte("nonsense"))
		}, queue.FindingIndex, `value "nonsense"`, true},
		{"a code that no payment has", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("codes")).Put([]byte("sixteen bytes ..")[:16], []byte("R-1\x00M-1"))
		}, queue.FindingIndex, "M-1 has another code", true},
		{"a day's entry says another state", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("days")).Put([]byte(firstOf(tx, "days")), []byte("declined"))
		}, queue.FindingIndex, `should say "paid"`, true},
		{"a sale on a second day", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("days")).Put([]byte(seq(1)+"R-1"), []byte("paid"))
		}, queue.FindingIndex, "opened at another time", true},
		{"an event's entry that the sale does not have", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("events")).Put([]byte(seq(99)), []byte("R-1"))
		}, queue.FindingIndex, "no such event", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := small(t)
			want := mustReadAll(t, path)
			tamper(t, path, row.change)

			v, err := queue.Verify(context.Background(), path)
			if err != nil || !slices.ContainsFunc(v.Findings, func(f queue.Finding) bool {
				return f.Kind == row.kind && strings.Contains(f.String(), row.says)
			}) {
				t.Errorf("found %v, %v; want a finding of kind %s that says %s", v.Findings, err, row.kind, row.says)
			}
			checkStart(t, path, row.opens)
			r := mustRepair(t, path)
			queuetest.Verify(t, path)
			checkCarried(t, row.name, want, mustReadAll(t, path), r)
		})
	}
}

// checkStart opens a copy of a contradictory journal. Where the till starts, what
// it reads is right or ErrDamaged, and the check in place finds the same.
func checkStart(t *testing.T, path string, opens bool) {
	t.Helper()
	j, err := queue.Open(place(t, readFile(t, path)), queue.Options{})
	if !opens {
		if !errors.Is(err, queue.ErrDamaged) {
			t.Errorf("opening: %v, want ErrDamaged", err)
		}
		return
	}
	if err != nil {
		t.Errorf("opening: %v", err)
		return
	}
	if _, err := readAll(j); err != nil && !errors.Is(err, queue.ErrDamaged) {
		t.Errorf("reading: %v, want all or ErrDamaged", err)
	}
	if r, err := j.Verify(context.Background()); err != nil || r.OK() {
		t.Errorf("verifying in place: %v, %v; want the same finding", r.Findings, err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

// Two payments with one code would let the wallet be charged twice by one scan.
func TestOneCodeForTwoLivePaymentsIsFound(t *testing.T) {
	path := small(t)
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j, s.Start("R-5", "M-5", queuetest.Code(5)))
	three, five := j.Digest(queuetest.Code(3)), j.Digest(queuetest.Code(5))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, func(tx *bolt.Tx) error { return alter(tx, "live", "R-5\x00p0001h", five.Hash, three.Hash) })
	v, err := queue.Verify(context.Background(), path)
	if err != nil || len(v.Findings) != 1 || !strings.Contains(v.Findings[0].String(), "M-3 and M-5 have one code") {
		t.Errorf("found %v, %v; want that M-3 and M-5 have one code", v.Findings, err)
	}
}

// A lost page breaks thousands of sales; the report names some and counts the rest.
func TestAReportOfManyFindingsStaysReadable(t *testing.T) {
	path := small(t)
	tamper(t, path, func(tx *bolt.Tx) error {
		for n := range 1500 {
			if err := tx.Bucket([]byte("payments")).Put(fmt.Appendf(nil, "M-x%04d", n), []byte("R-none")); err != nil {
				return err
			}
		}
		return nil
	})
	v, err := queue.Verify(context.Background(), path)
	if err != nil || len(v.Findings) != 1000 || v.More != 500 {
		t.Errorf("%d findings and %d more, %v; want 1000 and 500", len(v.Findings), v.More, err)
	}
}

func TestACheckThatIsBrokenOffSaysSo(t *testing.T) {
	path := small(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := queue.Verify(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("verify: %v, want context.Canceled", err)
	}
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("verify in place: %v, want context.Canceled", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	tamper(t, path, func(tx *bolt.Tx) error { return remove(tx, "payments", "M-1") })
	before := readFile(t, path)
	if _, err := queue.Repair(ctx, path, queue.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("repair: %v, want context.Canceled", err)
	}
	if !bytes.Equal(before, readFile(t, path)) {
		t.Error("the file was changed")
	}
}
