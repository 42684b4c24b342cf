// Package offline is the domain: one in-store ("offline", as the gateway names
// it) payment of a customer who shows a code at the checkout, which step comes
// next, and the engine that takes it. It knows no network, disk, scanner or
// window; those are adapters to the interfaces that it declares.
//
// A Sale is the cashier's intent. It holds Payments: one merchantTransId each,
// with one amount and one code. A Payment consists of Attempts: one message
// each. What happened is stored as Facts, in the order in which they were
// committed; the state is derived from them (DeriveState), and so is the next
// step (Next). Both are pure. Sale.Apply is the only way to add facts and
// refuses those that would break an invariant.
//
// # Invariants
//
//	I1  No message leaves before its intent is committed.
//	I2  One merchantTransId has one amount and one code, for ever.
//	I3  Pay is sent only by the run of the process that read the code, never on resume.
//	I4  An end comes only from a verified success, a definitive failure, a good
//	    cancel, a payment that was never sent, or a person. A success after an end
//	    without money puts it in doubt; it never turns into paid without a person.
//	I5  A decided reversal is never undone by a late success; the late success is
//	    recorded and raised.
//	I6  "Paid" is shown, sounded or sent only after its end is committed.
//	I7  One driver for each payment.
//	I8  Facts are appended, never rewritten.
//	I9  A payment code stands whole nowhere but in memory.
package offline
