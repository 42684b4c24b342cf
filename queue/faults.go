package queue

// Faults lets tests fail the journal at a chosen moment. An error that a hook
// returns is treated like a failure of the disk. Production leaves it zero.
type Faults struct {
	// Before is called before the n-th commit since Open, counted from 1: an
	// error fails it with nothing written.
	Before func(n int) error
	// After is called when the n-th commit is durable: an error makes the caller
	// see a failure although the write is there.
	After func(n int) error
	// Step is called after each durable step of making, migrating, filing and
	// repairing, with its name. An error leaves everything as a power cut at
	// this point would.
	Step func(name string) error
}

func (f Faults) before(n int) error {
	if f.Before == nil {
		return nil
	}
	return f.Before(n)
}

func (f Faults) after(n int) error {
	if f.After == nil {
		return nil
	}
	return f.After(n)
}

func (f Faults) step(name string) error {
	if f.Step == nil {
		return nil
	}
	return f.Step(name)
}
