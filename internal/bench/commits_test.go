//go:build linux

package bench_test

import (
	"path/filepath"
	"testing"
)

// A commit is two syncs, and each sync is time that the customer waits.
func TestOneDurableCommitBeforeTheWireAndOneBeforePaid(t *testing.T) {
	s := newStand(t, filepath.Join(t.TempDir(), "journal.db"))
	for n := range 3 {
		lap := s.sell()
		if lap.beforeWire != 1 {
			t.Errorf("sale %d: %d commits between the scan and the request, want the intent's alone", n+1, lap.beforeWire)
		}
		if lap.beforePaid != 1 {
			t.Errorf("sale %d: %d commits between the request and \"paid\", want the result's alone", n+1, lap.beforePaid)
		}
	}
}
