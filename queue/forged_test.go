package queue_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// forged changes one page of a journal in place.
type forged struct {
	data []byte
	t    *testing.T
}

func (f forged) page(id uint64) []byte { return f.data[id*pageSize : (id+1)*pageSize] }

func (f forged) head(offset int) uint64 {
	return binary.NativeEndian.Uint64(f.data[newerHead(f.data)*pageSize+16+offset:])
}

func (f forged) root() []byte { return f.page(f.head(16)) }
func (f forged) free() []byte { return f.page(f.head(32)) }

// bucket returns the element of the root page that names a bucket, and its value.
func (f forged) bucket(name string) (element, value []byte) {
	f.t.Helper()
	root := f.root()
	for i := range int(binary.NativeEndian.Uint16(root[10:])) {
		at := 16 + 16*i
		e := root[at:]
		key := at + int(binary.NativeEndian.Uint32(e[4:]))
		end := key + int(binary.NativeEndian.Uint32(e[8:]))
		if string(root[key:end]) == name {
			return e[:16], root[end : end+int(binary.NativeEndian.Uint32(e[12:]))]
		}
	}
	f.t.Fatalf("no bucket %q", name)
	return nil, nil
}

// branch returns the root page of a bucket that is large enough to have branches.
func (f forged) branch(name string) []byte {
	f.t.Helper()
	_, value := f.bucket(name)
	p := f.page(binary.NativeEndian.Uint64(value))
	if binary.NativeEndian.Uint16(p[8:]) != 1 {
		f.t.Fatalf("bucket %q has no branches", name)
	}
	return p
}

func set16(b []byte, v uint16) { binary.NativeEndian.PutUint16(b, v) }
func set32(b []byte, v uint32) { binary.NativeEndian.PutUint32(b, v) }
func set64(b []byte, v uint64) { binary.NativeEndian.PutUint64(b, v) }

// bbolt believes its pages: a number that is off makes it panic, run in circles
// or hand out a page that is in use. Each is found before bbolt maps the file,
// and what the pages still hold is carried over.
func TestEachForgedPageIsRefusedAndRepaired(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := queuetest.Fill(path, 30); err != nil {
		t.Fatal(err)
	}
	j, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	data := readFile(t, path)[:usedBytes(t, path)]
	want := mustReadAll(t, path)
	for _, row := range []struct {
		name  string
		forge func(f forged)
		says  string
	}{
		{"more free pages than the list has room for", func(f forged) { set16(f.free()[10:], 600) }, "has no room for them"},
		{"a true count of free pages that is absurd", func(f forged) { set16(f.free()[10:], 0xFFFF); set64(f.free()[16:], 1<<40) }, "has no room for them"},
		{"a free page outside of the file", func(f forged) { set16(f.free()[10:], 1); set64(f.free()[16:], 1<<30) }, "list of free pages: page 1073741824 is outside"},
		{"a free page that is in use", func(f forged) { set16(f.free()[10:], 1); set64(f.free()[16:], f.head(16)) }, "belongs to two owners"},
		{"the list of free pages is something else", func(f forged) { set16(f.free()[8:], 2) }, "not the list of free pages"},
		{"the root is of no kind", func(f forged) { set16(f.root()[8:], 0x20) }, "has flags 0x20"},
		{"the root is an empty branch", func(f forged) { set16(f.root()[8:], 1); set16(f.root()[10:], 0) }, "is an empty branch"},
		{"the root is another page", func(f forged) { set64(f.root(), 3000) }, "says that it is page 3000"},
		{"the root runs over the end", func(f forged) { set32(f.root()[12:], 1<<20) }, "runs over the end"},
		{"the root has more elements than room", func(f forged) { set16(f.root()[10:], 5000) }, "element"},
		{"a bucket that is a record", func(f forged) { e, _ := f.bucket("sales"); set32(e, 0) }, "is not a bucket"},
		{"a bucket without its value", func(f forged) { e, _ := f.bucket("sales"); set32(e[12:], 8) }, "bucket of 8 bytes"},
		{"a small bucket that is cut", func(f forged) { e, _ := f.bucket("live"); set32(e[12:], 20) }, "inline bucket of 20 bytes"},
		{"a small bucket of another kind", func(f forged) { _, v := f.bucket("meta"); set16(v[16+8:], 1) }, "inline page has flags 0x1"},
		{"a bucket that begins outside of the file", func(f forged) { _, v := f.bucket("sales"); set64(v, 1<<40) }, "outside of 2 to"},
		{"a branch that leads to itself", func(f forged) { p := f.branch("sales"); set64(p[16+8:], binary.NativeEndian.Uint64(p)) }, "belongs to two owners"},
		{"a branch that leads out of the file", func(f forged) { set64(f.branch("sales")[16+8:], 1<<40) }, "points to page 1099511627776"},
		{"a branch with more children than room", func(f forged) { set16(f.branch("sales")[10:], 5000) }, "element"},
		{"a branch whose child has no name", func(f forged) { set32(f.branch("sales")[16+4:], 0) }, "element 0"},
		{"a branch with two owners for one leaf", func(f forged) { p := f.branch("sales"); copy(p[16+8:16+16], p[32+8:32+16]) }, "belongs to two owners"},
		{"a branch without children", func(f forged) { set16(f.branch("sales")[10:], 0) }, "is an empty branch"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := damage{row.name, func(b []byte) []byte {
				row.forge(forged{b, t})
				return b
			}}
			if _, err := queue.Open(place(t, d.apply(slices.Clone(data))), queue.Options{}); !errors.Is(err, queue.ErrDamaged) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("opening: %v, want ErrDamaged that says %q", err, row.says)
			}
			r := checkDamage(t, data, want, d)
			if r.KeptAs == "" {
				t.Error("repair found nothing wrong")
			}
			if r.Sales < 20 { // a few leaves at most were out of reach
				t.Errorf("%d of 31 sales were carried over: %v", r.Sales, r.Findings)
			}
		})
	}
}

// A page that claims fewer elements than it has hides the others, and nothing
// about it looks wrong. Older copies of what it hides are looked for.
func TestAPageThatHidesPartOfItsElementsIsFoundAndRepaired(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := queuetest.Fill(path, 30); err != nil {
		t.Fatal(err)
	}
	data := readFile(t, path)[:usedBytes(t, path)]
	want := mustReadAll(t, path)
	for left := range uint16(8) { // of the root's eight buckets
		r := checkDamage(t, data, want, damage{fmt.Sprintf("%d buckets are left", left), func(b []byte) []byte {
			set16(forged{b, t}.root()[10:], left)
			return b
		}})
		if r.KeptAs == "" || r.Sales != 30 {
			t.Errorf("%d buckets are left: %d sales were carried over, kept as %q: %v", left, r.Sales, r.KeptAs, r.Findings)
		}
	}
}

// A file of bbolt that another program made is not taken for a till without a past.
func TestAFileOfAnotherProgramIsNoJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	tamper(t, path, func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte("theirs"))
		if err != nil {
			return err
		}
		return b.Put([]byte("k"), []byte("v"))
	})
	before := readFile(t, path)
	if _, err := queue.Open(path, queue.Options{}); !errors.Is(err, queue.ErrDamaged) || !strings.Contains(err.Error(), "not a journal") {
		t.Errorf("got %v, want ErrDamaged that says what it is", err)
	}
	if string(before) != string(readFile(t, path)) {
		t.Error("the file was changed")
	}
}

// What the guards of a sale cannot see, the journal refuses: it alone knows all
// sales, and what fits into a record.
func TestCommitRefusesWhatCannotBeStoredOrFoundAgain(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)))
	long := s.Open("R-3")
	long.NewSale.Title = strings.Repeat("x", 70<<10)
	renamed := s.Start("R-4", "M-4", queuetest.Code(4))
	renamed.Payments[0].New.ID = "M-5"
	for _, row := range []struct {
		name  string
		write offline.Write
	}{
		{"nothing about a sale that was never opened", offline.Write{SaleID: "R-2"}},
		{"a title beyond every record", long},
		{"a payment under two names", renamed},
		{"a payment without its code", withoutCode(s.Start("R-5", "M-5", queuetest.Code(5)))},
	} {
		if c, err := j.Commit(row.write); err == nil {
			t.Errorf("%s: taken as %+v", row.name, c)
		}
	}
	if err := j.Err(); err != nil {
		t.Errorf("a refusal closed the journal: %v", err)
	}
	if sales, err := readAll(j); err != nil || len(sales) != 1 {
		t.Errorf("%d sales, %v; want the one before", len(sales), err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	_, err1 := j.Stats()
	err2 := j.Tidy()
	if !errors.Is(err1, queue.ErrClosed) || !errors.Is(err2, queue.ErrClosed) {
		t.Errorf("after Close: stats %v, tidy %v; want ErrClosed", err1, err2)
	}
	readOnly, err := queue.Open(j.Path(), queue.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { readOnly.Close() })
	if _, err := readOnly.Commit(s.Open("R-6")); !errors.Is(err, queue.ErrReadOnly) || !errors.Is(err, offline.ErrJournal) {
		t.Errorf("opened to read: %v, want ErrJournal, as it is read-only", err)
	}
}
