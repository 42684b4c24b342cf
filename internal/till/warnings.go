package till

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"posagent/device"
	"posagent/internal/health"
	"posagent/offline"
)

// The warnings that the till raises.
const (
	WarnJournalFailed   health.Code = "journal_failed" // blocks selling
	WarnGatewaySetup    health.Code = "gateway_setup"  // blocks selling
	WarnGatewayAway     health.Code = "gateway_unreachable"
	WarnScanner         health.Code = "scanner" // its subject is the scanner's name
	WarnScannersClaimed health.Code = "scanners_claimed"
	WarnAttention       health.Code = "sales_need_a_person"
	WarnLateSuccess     health.Code = "late_success"
	WarnTakenAfterEnd   health.Code = "taken_after_end"
	WarnDraining        health.Code = "draining" // blocks selling
)

// Warnings lists the codes of all warnings that the till raises.
func Warnings() []health.Code {
	return []health.Code{
		WarnJournalFailed, WarnGatewaySetup, WarnGatewayAway, WarnScanner, WarnScannersClaimed, WarnAttention, WarnLateSuccess, WarnTakenAfterEnd,
		WarnDraining,
	}
}

// bumped is how long a scanner may be away before anybody is told.
const bumped = 2 * time.Second

// JournalFailed stops selling for good: without a journal a sale could be
// charged twice. It is made for offline.Config.OnFault and returns at once.
func (t *Till) JournalFailed(err error) {
	t.opt.Health.Set(health.Warning{
		Code: WarnJournalFailed, Severity: health.BlocksSelling, Title: "Journal failed",
		Text:   fmt.Sprintf("The journal cannot be written: %v. No sale is taken, so that nobody is charged twice.", err),
		Remedy: "Call store IT: check disk space and disk, run 'posagent journal verify', then restart posagent. Sales under way are looked after at the restart.",
	})
}

// failed notices what an error of the engine means for the till.
func (t *Till) failed(err error) {
	if errors.Is(err, offline.ErrJournal) {
		t.JournalFailed(err)
	}
}

// warn brings the warnings about sales and scanners up to date.
func (t *Till) warn() {
	b := t.backlog.view("")
	t.warnSales(b.AttentionCount, b.Attention, health.Warning{
		Code: WarnAttention, Title: "Sales need a person",
		Text:   "It could not be found out whether the customer was charged: ",
		Remedy: "Ask the supervisor to look at each of them: 'posagent sale show ID' says what is known and what to do.",
	})
	t.warnSales(b.LateCount, b.LateSuccess, health.Warning{
		Code: WarnLateSuccess, Title: "Money taken after a cancel",
		Text:   "The gateway took the money after the sale had been given up; it is being returned: ",
		Remedy: "Do not hand over goods for these sales. The warning ends when the return is confirmed.",
	})
	t.warnSales(b.TakenCount, b.TakenAfterEnd, health.Warning{
		Code: WarnTakenAfterEnd, Title: "Money taken after the sale had ended",
		Text:   "The cashier was told that nothing was taken, and then the gateway named the money as taken: ",
		Remedy: "Ask the supervisor to look each sale up at Alipay: then 'posagent refund' gives the money back, or 'posagent sale resolve' says what was found.",
	})
	if t.opt.Scanners == nil {
		return
	}
	gone := maps.Clone(t.warned)
	for _, h := range t.opt.Scanners.Health() {
		t.warnScanner(h)
		delete(gone, h.Name)
	}
	for name := range gone { // taken out of the configuration
		t.opt.Health.ClearSubject(WarnScanner, name)
		delete(t.warned, name)
	}
}

func (t *Till) warnSales(n int, ids []offline.SaleID, w health.Warning) {
	if n == 0 {
		t.opt.Health.Clear(w.Code)
		return
	}
	const named = 5
	names := make([]string, 0, named)
	for _, id := range ids[:min(len(ids), named)] {
		names = append(names, string(id))
	}
	w.Severity = health.Warn
	w.Text += strings.Join(names, ", ")
	if n > named {
		w.Text += fmt.Sprintf(" and %d more", n-named)
	}
	w.Text += "."
	t.opt.Health.Set(w)
}

func (t *Till) warnScanner(h device.Health) {
	if h.State == device.StateReady {
		t.opt.Health.ClearSubject(WarnScanner, h.Name)
		delete(t.warned, h.Name)
		return
	}
	t.warned[h.Name] = struct{}{}
	remedy := h.Advice
	if h.Hint != "" {
		remedy += " Store IT: " + h.Hint
	}
	text := "Scanner " + h.Name + " is " + strings.ReplaceAll(string(h.State), "_", " ")
	if h.LastError != "" {
		text += ": " + h.LastError
	}
	t.opt.Health.Set(health.Warning{
		Code: WarnScanner, Subject: h.Name, Severity: health.Warn, Title: "Scanner not ready",
		Text: text + ".", Remedy: strings.TrimSpace(remedy), VisibleAfter: bumped,
	})
}
