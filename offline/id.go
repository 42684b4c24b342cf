package offline

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// ErrID is returned for an id of the wrong length or alphabet.
var ErrID = errors.New("malformed id")

type (
	// SaleID is the register's number of a sale and the idempotency key of
	// the local API: 1 to 64 of A-Z a-z 0-9 . _ -.
	SaleID string
	// RefundID is the register's number of a refund within a sale, sent as
	// merchantRefundId; same alphabet as SaleID.
	RefundID string
	// MerchantTransID names one payment towards the gateway and is its
	// idempotency key: at most 64 of A-Z a-z 0-9 _ -, unique for ever.
	MerchantTransID string
	// ReqMsgID names one message; every message that is sent has a new one.
	ReqMsgID string
	// AcquirementID is the gateway's own id of the trade. A refund needs it.
	AcquirementID string
	// BootID names one run of the process. An attempt that another run began
	// and never finished may or may not have reached the gateway.
	BootID string
)

// ParseSaleID checks length and alphabet.
func ParseSaleID(s string) (SaleID, error) {
	if err := checkID("saleId", s); err != nil {
		return "", err
	}
	return SaleID(s), nil
}

// ParseRefundID checks length and alphabet.
func ParseRefundID(s string) (RefundID, error) {
	if err := checkID("refundId", s); err != nil {
		return "", err
	}
	return RefundID(s), nil
}

func checkID(what, s string) error {
	if s == "" || len(s) > 64 {
		return fmt.Errorf("%s has %d characters, 1 to 64 are allowed: %w", what, len(s), ErrID)
	}
	for i := range len(s) {
		if !idByte(s[i]) && s[i] != '.' {
			return fmt.Errorf("%s: character %d is not one of A-Z a-z 0-9 . _ -: %w", what, i+1, ErrID)
		}
	}
	return nil
}

func idByte(b byte) bool {
	return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '-'
}

// Minter makes the ids of one terminal. Rand must be cryptographic and safe for
// concurrent use: the random part is what keeps ids unique when the journal, and with it every counter,
// is lost.
type Minter struct {
	StoreID    string
	TerminalID string
	Rand       io.Reader
}

// MerchantTransID is store, terminal, Beijing date and time, and 80 random
// bits: "S01-T03-20261121T093000-5XKQ2M7TJ4WZ3GAB". The date part keeps a
// day's ids together in the journal and readable in a reconciliation file.
func (m Minter) MerchantTransID(now time.Time) (MerchantTransID, error) {
	var random [10]byte
	if _, err := io.ReadFull(m.Rand, random[:]); err != nil {
		return "", fmt.Errorf("minting merchantTransId: %w", err)
	}
	return MerchantTransID(strings.Join([]string{
		idPart(m.StoreID), idPart(m.TerminalID),
		now.In(Beijing).Format("20060102T150405"),
		base32.StdEncoding.EncodeToString(random[:]),
	}, "-")), nil
}

// ReqMsgID is 128 random bits in hex.
func (m Minter) ReqMsgID() (ReqMsgID, error) {
	s, err := randomHex(m.Rand, 16)
	return ReqMsgID(s), err
}

// BootID is 64 random bits in hex.
func (m Minter) BootID() (BootID, error) {
	s, err := randomHex(m.Rand, 8)
	return BootID(s), err
}

func randomHex(r io.Reader, n int) (string, error) {
	buf := make([]byte, n)
	if _, err := io.ReadFull(r, buf); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return hex.EncodeToString(buf), nil
}

// idPart makes a configured name fit: other characters become "_", and at most
// 14 are kept, so that the whole stays within 64.
func idPart(s string) string {
	out := []byte(s)
	if len(out) > 14 {
		out = out[:14]
	}
	for i, b := range out {
		if !idByte(b) {
			out[i] = '_'
		}
	}
	return string(out)
}
