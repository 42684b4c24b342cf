// Package threads arranges on which threads and processors the daemon works while a
// customer waits.
package threads

import (
	"os"
	"runtime"
)

// blocked is how many threads wait in the kernel while a payment is on its way:
// one reads the scanner, one syncs the journal. The runtime counts them as
// running for up to 10 ms, so that on a till with two processors the signature
// of the message would wait for the journal.
const blocked = 2

// Set allows as many threads as there are processors and those that wait, unless
// the environment says how many (GOMAXPROCS). It is for the start of a process;
// the returned func takes it back.
func Set() (undo func()) {
	if os.Getenv("GOMAXPROCS") != "" {
		return func() {}
	}
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(before + blocked)
	return func() { runtime.GOMAXPROCS(before) }
}
