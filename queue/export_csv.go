package queue

import (
	"encoding/csv"
	"io"
	"strings"
	"time"

	"posagent/offline"
)

// Types of rows in the CSV export.
const (
	rowPayment = "PAYMENT"
	rowRefund  = "REFUND"
	rowCancel  = "CANCEL" // a payment that was undone, or is being undone
)

// csvHeader names the columns. Amounts are in major units with the currency's
// own decimals; times are RFC 3339 in UTC+8.
func csvHeader() []string {
	return []string{
		"saleId", "type", "merchantTransId", "refundId", "acquirementId", "result", "amount", "currency",
		"created", "ended", "code", "resultCode", "by", "note",
	}
}

type csvRows struct{ w *csv.Writer }

func newCSV(w io.Writer) *csvRows {
	out := &csvRows{csv.NewWriter(w)}
	out.w.UseCRLF = true
	_ = out.w.Write(csvHeader()) // kept by the writer; flush returns it
	return out
}

func (c *csvRows) flush() error {
	c.w.Flush()
	return c.w.Error()
}

// sale writes a row for each payment and refund.
func (c *csvRows) sale(l loaded) error {
	s := &l.sale
	for i := range s.Payments {
		p := &s.Payments[i]
		row := csvRow{
			sale: s.ID, kind: rowPayment, payment: p.ID, acquirement: p.AcquirementID(),
			result: string(offline.DeriveState(*p)), amount: p.Amount, created: p.CreatedAt,
			code: p.Code.Masked, resultCode: newestCode(p.Attempts), resolved: p.Resolved, end: p.End,
		}
		if p.Reversal != nil {
			row.kind = rowCancel
		}
		if p.End != nil && p.End.How != "" {
			row.result += " " + string(p.End.How)
		}
		if err := c.w.Write(row.cells()); err != nil {
			return err
		}
	}
	for i := range s.Refunds {
		r := &s.Refunds[i]
		row := csvRow{
			sale: s.ID, kind: rowRefund, payment: r.Payment, refund: r.ID,
			result: string(r.State()), amount: r.Amount, created: r.CreatedAt,
			resultCode: newestCode(r.Attempts), resolved: r.Resolved, end: r.End,
		}
		if p := s.Payment(r.Payment); p != nil {
			row.acquirement, row.code = p.AcquirementID(), p.Code.Masked
		}
		if err := c.w.Write(row.cells()); err != nil {
			return err
		}
	}
	return nil
}

type csvRow struct {
	sale        offline.SaleID
	kind        string
	payment     offline.MerchantTransID
	refund      offline.RefundID
	acquirement offline.AcquirementID
	result      string
	amount      offline.Money
	created     time.Time
	code        string
	resultCode  string
	resolved    *offline.Mark
	end         *offline.End
}

func (r csvRow) cells() []string {
	ended, by, note := "", "", ""
	if r.end != nil {
		ended = csvTime(r.end.At)
	}
	if r.resolved != nil {
		by, note = r.resolved.By, r.resolved.Note
	}
	return []string{
		text(string(r.sale)), r.kind, text(string(r.payment)), text(string(r.refund)), text(string(r.acquirement)),
		r.result, r.amount.Major(), r.amount.Currency, csvTime(r.created), ended,
		r.code, text(r.resultCode), text(by), text(note),
	}
}

func csvTime(t time.Time) string { return t.In(offline.Beijing).Format(time.RFC3339) }

// text makes foreign text safe for a spreadsheet, which takes a cell that begins
// with one of these for a formula, also after blanks.
func text(s string) string {
	if t := strings.TrimLeft(s, " \u00a0\u3000"); t != "" && strings.ContainsAny(t[:1], "=+-@\t\r\n") ||
		strings.HasPrefix(t, "＝") || strings.HasPrefix(t, "＋") || strings.HasPrefix(t, "－") || strings.HasPrefix(t, "＠") {
		return "'" + s
	}
	return s
}

// newestCode is the gateway's result code of the newest answer that has one.
func newestCode(attempts []offline.Attempt) string {
	code, seq := "", 0
	for _, a := range attempts {
		if a.FinishedSeq > seq && a.Outcome.ResultCode != "" {
			code, seq = a.Outcome.ResultCode, a.FinishedSeq
		}
	}
	return code
}
