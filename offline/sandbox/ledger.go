package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"posagent/offline"
)

// EntryKind is what happened to the customer's money. The words are written to
// the ledger's file.
type EntryKind string

// The kinds.
const (
	Charge EntryKind = "charge" // the customer paid
	Return EntryKind = "return" // a cancel gave all of it back
	Refund EntryKind = "refund" // a refund gave some of it back
)

// Entry is one movement of money. Entries are appended, never changed.
type Entry struct {
	At              time.Time               `json:"at"`
	Kind            EntryKind               `json:"kind"`
	MerchantTransID offline.MerchantTransID `json:"merchantTransId"`
	AcquirementID   offline.AcquirementID   `json:"acquirementId"`
	Amount          offline.Money           `json:"amount"`
	Code            offline.CodeDigest      `json:"code"` // charge: which code paid, never the code itself
	RefundID        offline.RefundID        `json:"refundId,omitempty"`
}

// Ledger is the customers' side of the story: who was charged and who got money
// back. It is safe for concurrent use.
type Ledger struct {
	mu      sync.Mutex
	entries []Entry
	file    *os.File
	closed  bool
}

// Account sums up the entries of one merchantTransId, in minor units.
type Account struct {
	MerchantTransID offline.MerchantTransID `json:"merchantTransId"`
	Charges         int                     `json:"charges"`
	Currency        string                  `json:"currency"`
	Charged         int64                   `json:"charged"`
	Returned        int64                   `json:"returned"`
	Refunded        int64                   `json:"refunded"`
}

// Balance is what the customer is out of pocket.
func (a Account) Balance() offline.Money {
	return offline.Money{Currency: a.Currency, Value: a.Charged - a.Returned - a.Refunded}
}

// OpenLedger opens or makes a ledger file of JSON lines. A last line that was
// cut short, as by a killed process, is dropped; any other broken line is an
// error that names it.
func OpenLedger(path string) (*Ledger, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ledger: %w", err), f.Close())
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	l, err := ReadLedger(bytes.NewReader(data[:whole]))
	if err == nil && whole < len(data) {
		err = f.Truncate(int64(whole))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	l.file = f
	return l, nil
}

// ReadLedger reads what a gateway with Options.LedgerPath wrote, to be audited.
// The result is not tied to the file.
func ReadLedger(r io.Reader) (*Ledger, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	l := &Ledger{}
	lines := bytes.Split(data, []byte("\n"))
	// What follows the last line break is an entry still being written.
	for i, line := range lines[:len(lines)-1] {
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("ledger line %d: %w", i+1, err)
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}

// Append adds an entry and writes it to the file, if there is one. On an error
// nothing was added: a movement that is not written down must not happen.
func (l *Ledger) Append(e Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		if _, err := l.file.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
	}
	l.entries = append(l.entries, e)
	return nil
}

// Close closes the file. Reading goes on to work; Append does not. Closing again
// does nothing.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil || l.closed {
		return nil
	}
	l.closed = true
	if err := l.file.Close(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	return nil
}

// Entries returns a copy of all entries in order.
func (l *Ledger) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Trades returns one account for each merchantTransId, in the order of their
// first entries.
func (l *Ledger) Trades() []Account {
	var out []Account
	at := map[offline.MerchantTransID]int{}
	for _, e := range l.Entries() {
		i, known := at[e.MerchantTransID]
		if !known {
			i = len(out)
			at[e.MerchantTransID] = i
			out = append(out, Account{MerchantTransID: e.MerchantTransID, Currency: e.Amount.Currency})
		}
		switch e.Kind {
		case Charge:
			out[i].Charges++
			out[i].Charged += e.Amount.Value
		case Return:
			out[i].Returned += e.Amount.Value
		case Refund:
			out[i].Refunded += e.Amount.Value
		}
	}
	return out
}

// Account returns the sums of one merchantTransId; zero where nothing moved.
func (l *Ledger) Account(id offline.MerchantTransID) Account {
	for _, a := range l.Trades() {
		if a.MerchantTransID == id {
			return a
		}
	}
	return Account{MerchantTransID: id}
}

// Balance is what the customer of one merchantTransId is out of pocket: charged
// less returned and refunded. Zero Money where nothing was ever charged.
func (l *Ledger) Balance(id offline.MerchantTransID) offline.Money {
	return l.Account(id).Balance()
}

// ChargedTwice lists the ids with more than one charge.
func (l *Ledger) ChargedTwice() []offline.MerchantTransID {
	var out []offline.MerchantTransID
	for _, a := range l.Trades() {
		if a.Charges > 1 {
			out = append(out, a.MerchantTransID)
		}
	}
	return out
}
