package threads

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWorkDoesNotShareTheCallersProcessor(t *testing.T) {
	var all unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	if all.Count() < 2 {
		t.Skip("this machine has one processor")
	}
	a := newApart(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	here := processor()
	one := unix.CPUSet{}
	one.Set(here)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Skipf("a thread cannot be kept on one processor here: %v", err)
	}
	defer func() { _ = unix.SchedSetaffinity(0, &all) }()
	for range 100 {
		for a.busy.Load() { // until the thread is free for the next one
			runtime.Gosched()
		}
		there := -1
		run(a, func() { there = processor() })
		if there == here {
			t.Fatalf("the work ran on the caller's processor %d", here)
		}
	}
}
