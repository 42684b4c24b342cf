package threads

import (
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newApart(t *testing.T) *Apart {
	t.Helper()
	a, err := NewApart()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// run waits for the work that it starts.
func run(a *Apart, f func()) {
	done := make(chan struct{})
	a.Go(func() {
		defer close(done)
		f()
	})
	<-done
}

func TestAllWorkIsDone(t *testing.T) {
	a := newApart(t)
	n := 0
	for range 1000 {
		run(a, func() { n++ })
	}
	if n != 1000 {
		t.Errorf("%d of 1000 were done", n)
	}
}

func TestGoDoesNotWait(t *testing.T) {
	a := newApart(t)
	begun, end := make(chan struct{}), make(chan struct{})
	a.Go(func() {
		close(begun)
		<-end
	})
	<-begun
	run(a, func() {}) // while the thread is taken
	close(end)
}

func TestTwoAtOnceAreBothDone(t *testing.T) {
	a := newApart(t)
	var mu sync.Mutex
	n := 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				run(a, func() {
					mu.Lock()
					defer mu.Unlock()
					n++
				})
			}
		})
	}
	wg.Wait()
	if n != 1600 {
		t.Errorf("%d of 1600 were done", n)
	}
}

func TestWorkMayAskForMoreWork(t *testing.T) {
	a := newApart(t)
	inner := false
	run(a, func() { run(a, func() { inner = true }) })
	if !inner {
		t.Error("the inner work was not done")
	}
}
