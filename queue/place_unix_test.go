//go:build unix

package queue_test

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"posagent/queue"
	"posagent/queue/queuetest"
)

// A repair that ends while a daemon waits for the lock has put another file of
// this name. The daemon must not sell into the one that was moved aside.
func TestAFileThatWasReplacedWhileItsLockWasAwaitedIsNotOpened(t *testing.T) {
	j := queuetest.Open(t)
	path := j.Path()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	copied := path + ".repaired"
	if err := os.WriteFile(copied, readFile(t, path), 0o600); err != nil {
		t.Fatal(err)
	}
	replaced := make(chan error, 1)
	_, err := queue.Open(path, queue.Options{Faults: queue.Faults{Step: func(name string) error {
		if name != "inspected" {
			return nil
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
			return err
		}
		time.AfterFunc(100*time.Millisecond, func() { // bbolt tries for 300 ms
			replaced <- errors.Join(os.Rename(copied, path), f.Close())
		})
		return nil
	}}})
	if !errors.Is(err, queue.ErrLocked) {
		t.Errorf("opening: %v, want ErrLocked", err)
	}
	if err := <-replaced; err != nil {
		t.Fatal(err)
	}
	queuetest.OpenAt(t, path, queue.Options{})
}
