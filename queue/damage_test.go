package queue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	bolt "go.etcd.io/bbolt"

	"posagent/queue"
)

const pageSize = 4096

// usedBytes is how much of the file was ever in use.
func usedBytes(t *testing.T, path string) int {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int64
	if err := db.View(func(tx *bolt.Tx) error { n = tx.Size(); return nil }); err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func intactWorld(t *testing.T) (path string, data []byte) {
	t.Helper()
	path = world(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, data[:usedBytes(t, path)]
}

func TestEachPageZeroedInTurnIsFoundAndRepaired(t *testing.T) {
	path, data := intactWorld(t)
	want := mustReadAll(t, path)
	var h harm
	for page := range len(data) / pageSize {
		h.add(checkDamage(t, data, want, damage{fmt.Sprintf("page %d zeroed", page), func(b []byte) []byte {
			clear(b[page*pageSize : (page+1)*pageSize])
			return b
		}}))
	}
	h.atLeast(t, harm{found: 20, incomplete: 40, parked: 20})
}

func TestEachPageOfGarbageIsFoundAndRepaired(t *testing.T) {
	path, data := intactWorld(t)
	want := mustReadAll(t, path)
	var h harm
	random := rand.NewChaCha8([32]byte{1})
	for page := range len(data) / pageSize {
		h.add(checkDamage(t, data, want, damage{fmt.Sprintf("page %d garbage", page), func(b []byte) []byte {
			_, _ = random.Read(b[page*pageSize : (page+1)*pageSize])
			return b
		}}))
	}
	h.atLeast(t, harm{found: 20, incomplete: 40, parked: 20})
}

func TestTwoPagesSwappedAreFoundAndRepaired(t *testing.T) {
	path, data := intactWorld(t)
	want := mustReadAll(t, path)
	var h harm
	for page := 2; page+1 < len(data)/pageSize; page++ {
		h.add(checkDamage(t, data, want, damage{fmt.Sprintf("pages %d and %d swapped", page, page+1), func(b []byte) []byte {
			first := string(b[page*pageSize : (page+1)*pageSize])
			copy(b[page*pageSize:], b[(page+1)*pageSize:(page+2)*pageSize])
			copy(b[(page+1)*pageSize:], first)
			return b
		}}))
	}
	h.atLeast(t, harm{found: 20, incomplete: 40, parked: 20})
}

func TestAFileCutOffAnywhereIsFoundAndRepaired(t *testing.T) {
	path, data := intactWorld(t)
	want := mustReadAll(t, path)
	var h harm
	cuts := []int{0, 1, 15, 16, 79, 80, 511, 512, 4095, 4096, 4097, 4176, 8191, 8192, 12288, 16383, 16384, 16385}
	for at := 5 * pageSize; at < len(data); at += pageSize {
		cuts = append(cuts, at, at+1, at+pageSize/2)
	}
	for _, at := range cuts {
		h.add(checkDamage(t, data, want, damage{fmt.Sprintf("cut off after %d bytes", at), func(b []byte) []byte { return b[:at] }}))
	}
	h.atLeast(t, harm{found: 20, incomplete: 40, parked: 20})
}

func TestRandomBytesFlippedAreFoundAndRepaired(t *testing.T) {
	path, data := intactWorld(t)
	want := mustReadAll(t, path)
	var h harm
	random := rand.New(rand.NewPCG(20261121, 1))
	rounds := 400
	if raceDetector { // six times slower, with nothing here that could race
		rounds = 120
	}
	for i := range rounds {
		n := 1 + i%3
		h.add(checkDamage(t, data, want, damage{fmt.Sprintf("round %d, %d bytes flipped", i, n), func(b []byte) []byte {
			for range n {
				b[random.IntN(len(b))] ^= byte(1 << random.IntN(8))
			}
			return b
		}}))
	}
	// About a third of the flips hit something that matters; the journal's key is
	// random, so that the share moves a little from run to run.
	h.atLeast(t, harm{found: rounds / 8, incomplete: rounds / 8, parked: rounds / 16})
}

func TestAFileThatIsNoJournalIsRefusedAndKept(t *testing.T) {
	for _, row := range []struct {
		name string
		data []byte
	}{
		{"empty", nil},
		{"text", []byte("not a journal\n")},
		{"zeros", make([]byte, 64<<10)},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := t.TempDir() + "/journal.db"
			if err := os.WriteFile(path, row.data, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := queue.Open(path, queue.Options{}); !errors.Is(err, queue.ErrDamaged) {
				t.Errorf("opening: %v, want ErrDamaged", err)
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != string(row.data) {
				t.Errorf("the file was changed (%v)", err)
			}
			r, err := queue.Verify(context.Background(), path)
			if err != nil || r.OK() {
				t.Errorf("verify: %v, %v; want findings", r.Findings, err)
			}
		})
	}
}
