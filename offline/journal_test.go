package offline_test

import (
	"strings"
	"testing"
	"time"

	"posagent/offline"
)

// The cashier compares it with the clock at the till, as in the notice of the scan.
func TestAUsedCodeIsToldInTheTillsOwnTime(t *testing.T) {
	at := time.Date(2026, 11, 21, 3, 4, 0, 0, time.FixedZone("elsewhere", -9*60*60))
	err := &offline.CodeUsedError{SaleID: "R-1", At: at}
	if want := "used at " + at.Local().Format("15:04") + " for sale R-1"; !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
}
