package threads

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Apart runs work on one thread of its own that never shares the processor of
// whoever asks.
//
// The kernel decides where a thread wakes up. In a virtual machine it takes an
// idle processor for one that the host has taken away, and lets the new thread
// queue behind the one that woke it: a commit and a signature that should go on
// side by side then go on one after the other (measured on two processors: 1.1 ms
// instead of 0.9 ms). A thread that may not run there is put elsewhere at once.
type Apart struct {
	wake   int // eventfd: waking by the kernel costs one step, a channel to a locked thread costs two
	thread int
	all    unix.CPUSet // the processors of this process
	off    int         // the one that the thread is kept off; -1: none yet
	busy   atomic.Bool
	job    func()
	ended  chan struct{}
}

// NewApart starts the thread. Close ends it.
func NewApart() (*Apart, error) {
	a := &Apart{off: -1, ended: make(chan struct{})}
	if err := unix.SchedGetaffinity(0, &a.all); err != nil {
		return nil, fmt.Errorf("asking for this process's processors: %w", err)
	}
	var err error
	if a.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return nil, fmt.Errorf("making an event for a thread: %w", err)
	}
	started := make(chan int)
	go a.work(started)
	a.thread = <-started
	return a, nil
}

// Go starts f and returns at once. One f has the thread; another one at the same
// time gets a goroutine.
func (a *Apart) Go(f func()) {
	if !a.busy.CompareAndSwap(false, true) {
		go f()
		return
	}
	a.keepOff(processor())
	a.job = f
	if !a.signal() {
		a.busy.Store(false)
		go f()
	}
}

// Close ends the thread. All work must be done, and Go not be called any more.
func (a *Apart) Close() {
	a.job = nil
	if a.signal() {
		<-a.ended
	}
	_ = unix.Close(a.wake) // nobody waits on it any more
}

// work ends with its thread: a thread that is kept off a processor is not given
// back to the runtime.
func (a *Apart) work(started chan<- int) {
	defer close(a.ended)
	runtime.LockOSThread()
	started <- unix.Gettid()
	var count [8]byte
	for {
		if _, err := unix.Read(a.wake, count[:]); errors.Is(err, unix.EINTR) {
			continue
		}
		job := a.job
		if job == nil {
			return
		}
		job()
		a.busy.Store(false)
	}
}

func (a *Apart) signal() bool {
	var one [8]byte
	binary.NativeEndian.PutUint64(one[:], 1)
	for {
		_, err := unix.Write(a.wake, one[:])
		if !errors.Is(err, unix.EINTR) {
			return err == nil
		}
	}
}

// keepOff bars one processor to the thread. Where that leaves none, or is not
// allowed, the kernel chooses as it always does: slower, not wrong.
func (a *Apart) keepOff(cpu int) {
	if cpu == a.off {
		return
	}
	a.off = cpu
	set := a.all
	set.Clear(cpu)
	if set.Count() > 0 {
		_ = unix.SchedSetaffinity(a.thread, &set) // see above: nothing depends on it
	}
}

// processor is the number of the one that this runs on. Where the kernel does
// not tell it is 0: barring that one is no worse than barring none.
func processor() int {
	var cpu uint32
	if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 { //nolint:gosec // G103: the kernel writes one number, which lives until the call is over
		return 0
	}
	return int(cpu)
}
