package offline

// Between runs f at a moment at which no payment is being judged, begun or
// recorded: what f finds in the journal is all there is, and what f changes counts
// for every step after it. Messages under way are not waited for, and their
// answers are recorded afterwards. f must be quick, as a customer may be waiting,
// and must not call the engine's commands.
func (e *Engine) Between(f func()) {
	for i := range e.locks {
		e.locks[i].Lock()
		defer e.locks[i].Unlock()
	}
	f()
}
