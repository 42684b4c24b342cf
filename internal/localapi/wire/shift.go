package wire

import "time"

// Shift is what was taken and returned between two ends of a shift.
type Shift struct {
	Number  int          `json:"number,omitempty"`  // of a closed shift, from 1
	ShiftID string       `json:"shiftId,omitempty"` // of a closed shift
	By      string       `json:"by,omitempty"`      // who closed it, and who allowed it
	From    time.Time    `json:"from"`
	To      time.Time    `json:"to"`     // now, where the shift is open
	Totals  []ShiftTotal `json:"totals"` // one for each currency, the terminal's at least
	// Open are the sales that are not settled, as they are now: at most 200. Of a
	// closed shift, those that were open at its end.
	Open      []Sale `json:"open"`
	OpenCount int    `json:"openCount"` // all of them; 0: nothing is open
}

// ShiftTotal sums one currency.
type ShiftTotal struct {
	Paid        int   `json:"paid"`
	PaidSum     Money `json:"paidSum"`
	Refunded    int   `json:"refunded"`
	RefundedSum Money `json:"refundedSum"`
}

// ShiftEnd is the body of POST /v1/shift/close.
type ShiftEnd struct {
	ShiftID    string      `json:"shiftId"` // the idempotency key
	By         string      `json:"by"`
	Supervisor *Supervisor `json:"supervisor,omitempty"` // who allows it, where that is needed
}
