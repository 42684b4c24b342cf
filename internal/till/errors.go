package till

import (
	"fmt"
	"strings"

	"posagent/device/decode"
	"posagent/internal/health"
	"posagent/offline"
)

// BusyError refuses a sale while another one is in the foreground. Nothing was
// opened.
type BusyError struct{ SaleID offline.SaleID }

func (e *BusyError) Error() string {
	return fmt.Sprintf("sale %s is in the foreground", e.SaleID)
}

// NotReadyError refuses a sale while the till may not sell. Nothing was opened.
type NotReadyError struct{ Reasons []health.Warning }

func (e *NotReadyError) Error() string {
	titles := make([]string, len(e.Reasons))
	for i, r := range e.Reasons {
		titles[i] = r.Title
	}
	return "the till does not sell now: " + strings.Join(titles, "; ")
}

// CodeError refuses a text that is no payment code. Nothing was sent. It holds
// nothing of the text itself.
type CodeError struct{ Class decode.Class }

func (e *CodeError) Error() string {
	return "not a payment code: " + strings.ToLower(e.Class.Title)
}

// Unwrap makes the error match offline.ErrIdentityCode.
func (e *CodeError) Unwrap() error { return offline.ErrIdentityCode }
