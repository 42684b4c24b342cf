// Package receipt makes receipts of sales and refunds: as plain text for a receipt
// printer, whose characters all have one width or two, and as PDF.
//
// A receipt says what is proven and nothing else: money that was taken, and money
// whose return is confirmed. It carries the numbers by which finance finds the
// payment at the acquirer, and never more of the payment code than its mask.
package receipt

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"posagent/offline"
)

// ErrNothing: nothing is proven that a receipt could say.
var ErrNothing = errors.New("nothing is proven that a receipt could say")

// fresh is how long after its event a slip can be the original. Whoever asks later
// gets a copy, so that an old sale cannot be printed as if it were new.
const fresh = 10 * time.Minute

// Shop is what stands on every receipt.
type Shop struct {
	StoreName, StoreID, TerminalID string
	Footer                         string
}

// Printer makes receipts. The zero value makes them in English, for nobody's shop.
type Printer struct {
	Shop     Shop
	Language string         // en zh-Hans zh-Hant ja ko th; any other is English
	Width    int            // characters in a line of plain text; 0: 42
	Zone     *time.Location // of the times, which name it; nil: this machine's
	Font     *Font          // for PDF; nil: Helvetica, which is Latin alone
}

// Request says what a receipt is wanted of.
type Request struct {
	Refund offline.RefundID // "": of the sale
	Copy   bool             // it was printed before
}

// ForPDF is the printer for receipts as PDF: in English where the font lacks a
// character of the language's words.
func (p Printer) ForPDF() *Printer {
	w := wordsOf(p.Language)
	if p.Font.missing(fmt.Sprint(w)) != 0 {
		p.Language = ""
	}
	return &p
}

// row is one line: a name and what it is.
type row struct{ name, value string }

// Slip is a receipt before it has a shape.
type Slip struct {
	printer *Printer
	head    []string // centred
	title   string
	mark    string // "COPY", or nothing
	amounts []row  // in large letters
	rows    []row
	foot    []string // centred
	at      time.Time
}

// Slip makes the receipt of a sale as it stands now. Errors: ErrNothing, and
// offline.ErrUnknownRefund.
func (p *Printer) Slip(s *offline.Sale, ask Request, now time.Time) (*Slip, error) {
	w := wordsOf(p.Language)
	slip := &Slip{printer: p, head: nonEmpty(p.Shop.StoreName)}
	var err error
	if ask.Refund != "" {
		err = slip.refund(s, ask.Refund, w)
	} else {
		err = slip.sale(s, w)
	}
	if err != nil {
		return nil, err
	}
	slip.rows = append(slip.rows, filled(row{w.store, p.Shop.StoreID}, row{w.till, p.Shop.TerminalID})...)
	slip.foot = append(slip.foot, nonEmpty(p.Shop.Footer)...)
	if ask.Copy || now.Sub(slip.at) > fresh {
		slip.mark = w.copy
	}
	return slip, nil
}

// sale fills in the receipt of a payment, with what was refunded of it so far.
func (slip *Slip) sale(s *offline.Sale, w words) error {
	p := s.Deciding()
	if p == nil || p.End == nil {
		return ErrNothing
	}
	back := s.RefundedOf(p.ID)
	taken := p.End.Result == offline.ResultPaid || back.Value > 0
	if !taken {
		return ErrNothing
	}
	slip.title, slip.at = w.payment, p.End.At
	slip.amounts = []row{{w.paid, p.Amount.String()}}
	if back.Value > 0 {
		left := offline.Money{Currency: p.Amount.Currency, Value: p.Amount.Value - back.Value}
		slip.amounts = append(slip.amounts, row{w.refunded, back.String()}, row{w.left, left.String()})
	}
	slip.rows = filled(row{w.date, slip.time(p.End.At)}, row{w.sale, string(s.ID)}, row{w.goods, s.Title})
	slip.payment(p, w)
	for i := range s.Refunds {
		if r := &s.Refunds[i]; r.Payment == p.ID && r.State() == offline.RefundRefunded {
			slip.rows = append(slip.rows, row{w.refundNo + " " + string(r.ID), r.Amount.String()}, row{w.date, slip.time(r.End.At)})
			slip.at = latest(slip.at, r.End.At)
		}
	}
	if p.Resolved != nil {
		slip.foot = append(slip.foot, w.byPerson)
	}
	return nil
}

// refund fills in the receipt of one refund.
func (slip *Slip) refund(s *offline.Sale, id offline.RefundID, w words) error {
	r := s.Refund(id)
	if r == nil {
		return offline.ErrUnknownRefund
	}
	p := s.Payment(r.Payment)
	if r.State() != offline.RefundRefunded || p == nil {
		return ErrNothing
	}
	slip.title, slip.at = w.refund, r.End.At
	slip.amounts = []row{{w.refunded, r.Amount.String()}}
	slip.rows = filled(row{w.date, slip.time(r.End.At)}, row{w.refundNo, string(r.ID)}, row{w.reason, r.Reason},
		row{w.sale, string(s.ID)}, row{w.paid, p.Amount.String()})
	slip.payment(p, w)
	if r.Resolved != nil {
		slip.foot = append(slip.foot, w.byPerson)
	}
	return nil
}

// payment adds what finance looks a payment up by.
func (slip *Slip) payment(p *offline.Payment, w words) {
	// A receipt printer has no round dots.
	code := strings.ReplaceAll(p.Code.Masked, "•", "*")
	slip.rows = append(slip.rows, filled(row{w.with, "Alipay"}, row{w.code, code},
		row{w.paymentNo, string(p.ID)}, row{w.acquirerNo, string(p.AcquirementID())})...)
}

// time names its distance from UTC: a receipt is read in another zone than the
// acquirer's reports.
func (slip *Slip) time(t time.Time) string {
	zone := slip.printer.Zone
	if zone == nil {
		zone = time.Local
	}
	return t.In(zone).Format("2006-01-02 15:04:05 -07:00")
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// filled leaves out rows without a value and makes each one line.
func filled(rows ...row) []row {
	var out []row
	for _, r := range rows {
		if r.value = oneLine(r.value); r.value != "" {
			out = append(out, r)
		}
	}
	return out
}

func nonEmpty(text string) []string {
	if text = oneLine(text); text == "" {
		return nil
	}
	return []string{text}
}

// oneLine keeps control characters from a printer, which takes them as commands.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	return strings.TrimSpace(clean)
}
