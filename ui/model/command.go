package model

import (
	"time"

	"posagent/internal/localapi/wire"
)

// Command is something to be done outside the model. The types below are all
// there are.
type Command interface{ command() }

// Call is a request to the local API. It is answered by exactly one Reply with its
// number, also when it failed or took too long.
type Call struct {
	Seq     uint64
	Request Request
}

// Request is what a Call asks for.
type Request interface{ request() }

// The requests. Ids are minted by the model once for each intention; the same
// request again has the same id.
type (
	// OpenSale opens a sale. The Reply has the sale.
	OpenSale struct {
		SaleID string
		Amount wire.Money
	}
	// SendCode hands a scan to the sale that waits for it. The Reply has the sale.
	SendCode struct {
		SaleID string
		Code   Code
	}
	// Cancel cancels a sale. The Reply has the sale.
	Cancel struct {
		SaleID     string
		Supervisor Supervisor
	}
	// Recheck asks the gateway once more. The Reply has the sale.
	Recheck struct{ SaleID string }
	// Resolve records what a person found out about a sale, or about a refund where
	// RefundID is set. The Reply has the sale or the refund.
	Resolve struct {
		SaleID, RefundID string
		Result           string // wire.ResolvedPaid and the like
		By, Note         string
		Supervisor       Supervisor
	}
	// GiveBack begins a refund. Void is set when the whole sale is undone. The Reply
	// has the refund.
	GiveBack struct {
		SaleID, RefundID string
		Amount           wire.Money
		Void             bool
		Supervisor       Supervisor
	}
	// LoadSale fetches a sale. The Reply has the sale.
	LoadSale struct{ SaleID string }
	// Search fetches sales, newest first. The Reply has the list.
	Search struct {
		Text     string // order number or a beginning of it, or a merchantTransId
		State    wire.State
		From, To time.Time // zero: open
		Cursor   string
		Limit    int
	}
	// LoadShift fetches totals and open cases since the last end of a shift. The
	// Reply has the shift.
	LoadShift struct{}
	// CloseShift ends the shift. The Reply has the shift, with a number.
	CloseShift struct {
		ShiftID    string
		Supervisor Supervisor
	}
	// LoadReceipt fetches a receipt. The Reply has the receipt.
	LoadReceipt struct {
		SaleID, RefundID string
		Reprint          bool
	}
)

// What is done on the spot, without a Reply.
type (
	// PlaySound plays a sound; Volume is 1 to 3.
	PlaySound struct {
		Sound  Sound
		Volume int
	}
	// Copy puts text on the clipboard.
	Copy struct{ Text string }
	// Print prints a receipt. The event Printed tells what became of it.
	Print struct{ Receipt Receipt }
	// SetLanguage tells that the language was switched, to be kept for the next start.
	SetLanguage struct{ Lang string }
	// SetVolume tells that the volume was changed, likewise. 0 is silence.
	SetVolume struct{ Volume int }
	// PretendScan makes the demonstration's scanner read a code.
	PretendScan struct{ ID string }
	// Quit closes the window.
	Quit struct{}
)

func (Call) command()        {}
func (PlaySound) command()   {}
func (Copy) command()        {}
func (Print) command()       {}
func (SetLanguage) command() {}
func (SetVolume) command()   {}
func (PretendScan) command() {}
func (Quit) command()        {}

func (OpenSale) request()    {}
func (SendCode) request()    {}
func (Cancel) request()      {}
func (Recheck) request()     {}
func (Resolve) request()     {}
func (GiveBack) request()    {}
func (LoadSale) request()    {}
func (Search) request()      {}
func (LoadShift) request()   {}
func (CloseShift) request()  {}
func (LoadReceipt) request() {}
