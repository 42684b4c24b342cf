package offline

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors of a journal.
var (
	// ErrUnknownSale: no such sale.
	ErrUnknownSale = errors.New("unknown sale")
	// ErrJournal: the store failed (disk full, I/O error, damage). Nothing of
	// the write is known to have been committed; the agent stops selling and
	// never repeats the write silently.
	ErrJournal = errors.New("journal failed")
)

// CodeUsedError refuses a payment code that was charged, or may have been,
// before. No message was sent.
type CodeUsedError struct {
	SaleID  SaleID
	Payment MerchantTransID
	At      time.Time // when the earlier payment was created
}

func (e *CodeUsedError) Error() string {
	return fmt.Sprintf("this payment code was already used at %s for sale %s", e.At.Local().Format("15:04"), e.SaleID)
}

// Journal is the crash-safe store, as the engine needs it. The order of use is:
//
//  1. Commit with NewSale opens a sale, together with its first payment where
//     the code is at hand.
//  2. Commit with a new payment and the begun fact of its pay: durable before
//     anything is sent (I1).
//  3. Commit with the finished fact of an attempt, and with what follows from
//     it (an end, a reversal, the next intent) in the same write.
//  4. Commit with further facts until the sale is settled.
//
// Commit applies the write to the stored sale with Sale.Apply inside its
// transaction, and returns only when the result is durable. It refuses, with
// nothing written: an illegal change (ErrIllegal, ErrFinal and the other errors
// of Apply), a code that another payment has used (*CodeUsedError) unless that
// payment was proven unsent, a write after the store has failed (ErrJournal). All
// methods are safe for concurrent use. What is returned is the caller's own.
type Journal interface {
	Commit(w Write) (Committed, error)
	// Sale returns one sale, or ErrUnknownSale.
	Sale(id SaleID) (Sale, error)
	// SaleOf returns the sale that a payment belongs to, or ErrUnknownSale.
	SaleOf(id MerchantTransID) (SaleID, error)
	// Unsettled lists sales that are not settled in the order of their Due,
	// beginning with those due first: at most limit of those due at or before
	// the given moment.
	Unsettled(until time.Time, limit int) ([]DueSale, error)
	// Sales lists sales, newest first.
	Sales(f SaleFilter) (SalePage, error)
	// Events lists what was committed after the event of the given number, in
	// order, at most limit.
	Events(after uint64, limit int) ([]Event, error)
	// LastEvent is the number of the newest event, 0 where there is none.
	LastEvent() (uint64, error)
	// Totals sums a business day.
	Totals(day BusinessDay) ([]DayTotal, error)
	// Digest makes what may be kept of a payment code, with the journal's key.
	Digest(code IdentityCode) CodeDigest
}

// Committed is the result of one durable write.
type Committed struct {
	Sale  Sale   // after the write
	Event uint64 // number of the event that tells of it
}

// DueSale is a sale that is not settled. NeverDue marks one that waits for a
// person or a restart.
type DueSale struct {
	ID  SaleID
	Due time.Time
}

// NeverDue is the Due of a sale that only a person or a restart moves.
var NeverDue = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// SaleFilter selects sales. Zero fields select everything.
type SaleFilter struct {
	Text   string // a piece of the sale's id, in any case of letters
	State  SaleState
	Day    BusinessDay
	From   time.Time // opened then or later
	To     time.Time // opened before
	Limit  int       // 1 to 500; 0 means 50
	Cursor string    // from the page before; opaque
}

// Names tells whether the sale's id holds the text that is looked for.
func (f *SaleFilter) Names(id SaleID) bool {
	return f.Text == "" || strings.Contains(strings.ToLower(string(id)), strings.ToLower(f.Text))
}

// SalePage is one page of a listing.
type SalePage struct {
	Sales  []Sale
	Cursor string // "" on the last page
}

// Event tells what one write changed: the audit trail, and the point from which
// a subscriber resumes. Facts themselves stand with the sale.
type Event struct {
	Seq     uint64          `json:"seq"`
	At      time.Time       `json:"at"`
	SaleID  SaleID          `json:"saleId"`
	Payment MerchantTransID `json:"merchantTransId,omitempty"`
	Refund  RefundID        `json:"refundId,omitempty"`
	What    []string        `json:"what"` // such as "pay begun", "pay success", "ended paid"
	State   SaleState       `json:"state"`
	By      string          `json:"by,omitempty"` // where a person acted
	Note    string          `json:"note,omitempty"`
}

// DayTotal sums one currency on one business day. A payment counts on the day on
// which it was found paid, a refund on the day on which it was confirmed. What was
// refunded without having ended as paid counts as both, on the refund's day.
type DayTotal struct {
	Paid        int   `json:"paid"`
	PaidSum     Money `json:"paidSum"`
	Refunded    int   `json:"refunded"`
	RefundedSum Money `json:"refundedSum"`
}
