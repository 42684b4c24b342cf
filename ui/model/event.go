package model

import (
	"time"

	"posagent/internal/localapi/wire"
)

// Event is something that happened. The types below are all there are.
type Event interface{ event() }

// What the local API tells.
type (
	// Connected is the whole picture: of a first connection, and of each one after
	// it was lost.
	Connected struct{ Picture wire.Picture }
	// Disconnected tells that the daemon cannot be reached, and why. It comes again
	// with each attempt.
	Disconnected struct{ Cause Cause }
	// StatusChanged is the till's new status.
	StatusChanged struct{ Status wire.Status }
	// SaleChanged is a sale as it is now.
	SaleChanged struct{ Sale wire.Sale }
	// NoticeArrived is a scan that was not used.
	NoticeArrived struct{ Notice wire.Notice }
)

// Cause says why the daemon cannot be reached.
type Cause string

// The causes.
const (
	CauseNotRunning Cause = "not_running" // nobody listens
	CausePermission Cause = "permission"  // this user may not ask
	CauseGarbage    Cause = "garbage"     // something else answers there
	CauseLost       Cause = "lost"        // the connection broke, or nothing was heard in time
)

// What the cashier does.
type (
	// KeyPressed is one key: a character, or a key that is none. At is when the key
	// went down, as exactly as the view knows it; scans are told from typing by it.
	// Zero: when the event is applied.
	KeyPressed struct {
		At   time.Time
		Rune rune // 0 if the key makes no character
		Key  Key  // KeyNone if it makes one
		// Position is the key's place on a US keyboard where the view knows it:
		// "0" to "9" for digits of the upper row and of the number pad, else "".
		Position string
		Shift    bool
	}
	// Pasted is text from the clipboard.
	Pasted struct{ Text string }
	// Pressed is a tap on a button, by its ID.
	Pressed struct{ ID string }
	// Selected is a tap on a row of the list, by its ID.
	Selected struct{ ID string }
	// CloseAsked is the wish to close the window.
	CloseAsked struct{}
)

// Other events.
type (
	// Tick lets time pass. It comes at least once a second, and at the time that
	// Model.Wake names.
	Tick struct{}
	// Room tells how many rows a list has room for on a page.
	Room struct{ Rows int }
	// Printed tells what became of a Print: it went to the printer, or was kept as a
	// file, or neither.
	Printed struct {
		File string
		Err  error
	}
	// Reply ends a Call. Exactly one comes for each.
	Reply struct {
		Seq     uint64
		Err     error // *wire.Problem of the API, or that the call did not come through
		Sale    *wire.Sale
		Refund  *wire.Refund
		Sales   *wire.SaleList
		Shift   *Shift
		Receipt *Receipt
	}
)

// Shift is what was done since the last end of a shift, or on the business day
// where the daemon keeps no shifts.
type Shift struct {
	From, To time.Time
	Totals   []ShiftTotal
	Open     []wire.Sale // sales that are not settled, those that need a person first
	Closable bool        // the daemon keeps shifts, and this one can be ended
	Number   string      // of a closed shift, else ""
}

// ShiftTotal sums one currency.
type ShiftTotal struct {
	Paid        int
	PaidSum     wire.Money
	Refunded    int
	RefundedSum wire.Money
}

// Receipt is a receipt as it is printed, in one of two forms.
type Receipt struct {
	SaleID string
	Text   string // plain text, lines ended by \n
	PDF    []byte
}

func (Connected) event()     {}
func (Disconnected) event()  {}
func (StatusChanged) event() {}
func (SaleChanged) event()   {}
func (NoticeArrived) event() {}
func (KeyPressed) event()    {}
func (Pasted) event()        {}
func (Pressed) event()       {}
func (Selected) event()      {}
func (CloseAsked) event()    {}
func (Tick) event()          {}
func (Room) event()          {}
func (Reply) event()         {}
func (Printed) event()       {}
