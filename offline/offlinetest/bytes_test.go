package offlinetest

import (
	"bytes"
	"io"
	"testing"
)

func TestBytesAreTheSameInARunAndOthersInTheNext(t *testing.T) {
	read := func(run, count int) []byte {
		t.Helper()
		p := make([]byte, count)
		if _, err := io.ReadFull(Bytes(run), p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if !bytes.Equal(read(1, 100), read(1, 100)) {
		t.Error("one run reads different bytes each time")
	}
	if bytes.Equal(read(1, 32), read(2, 32)) {
		t.Error("two runs read the same bytes")
	}
	r, seen := Bytes(1), map[[16]byte]bool{}
	for range 1000 {
		var id [16]byte
		if _, err := r.Read(id[:]); err != nil || seen[id] {
			t.Fatalf("bytes come back after %d reads: %v", len(seen), err)
		}
		seen[id] = true
	}
}
