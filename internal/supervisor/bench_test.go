package supervisor

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkCheck is one right PIN at the usual cost: the hash, and the two writes of
// the count of tries.
func BenchmarkCheck(b *testing.B) {
	book := Book{Path: filepath.Join(b.TempDir(), "supervisors.json")}
	if err := book.Set("Ann", NewPIN(good), time.Now()); err != nil {
		b.Fatal(err)
	}
	g := NewGuard(book, slog.New(slog.DiscardHandler))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Check(b.Context(), "Ann", NewPIN(good)); err != nil {
			b.Fatal(err)
		}
	}
}
