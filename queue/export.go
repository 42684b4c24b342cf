package queue

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	bolt "go.etcd.io/bbolt"

	"posagent/offline"
)

// Format is a format of Export.
type Format string

// The formats.
const (
	CSV       Format = "csv"   // for finance: a row for each payment, refund and cancellation
	JSONLines Format = "jsonl" // one sale a line, with all its facts
	Audit     Format = "audit" // the audit trail, one entry a line, whatever the days
)

// ExportFilter selects the sales of an export by the Beijing day on which they
// were opened, both days included; "" leaves that side open.
type ExportFilter struct {
	From, To offline.BusinessDay
}

// ErrFormat is returned for a format other than csv and jsonl.
var ErrFormat = errors.New("unknown format: csv, jsonl and audit are known")

// Export writes sales in the order in which they were opened, as they stand
// when it begins, and returns how many there were; with Audit, entries of the
// audit trail. No payment code stands in it whole.
func (j *Journal) Export(w io.Writer, format Format, f ExportFilter) (n int, err error) {
	from, to, err := f.bounds()
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriter(w)
	var write func(loaded) error
	end := out.Flush
	switch format {
	case CSV:
		rows := newCSV(out)
		write, end = rows.sale, func() error { return errors.Join(rows.flush(), out.Flush()) }
	case JSONLines:
		write = func(l loaded) error { return writeLine(out, l) }
	case Audit:
	default:
		return 0, fmt.Errorf("%q: %w", format, ErrFormat)
	}
	if err := j.shared(func() error { return nil }); err != nil {
		return 0, err
	}
	if format == Audit {
		n, err := j.exportAudit(out)
		return n, errors.Join(err, end())
	}
	err = j.read("exporting", func(tx *bolt.Tx) error {
		return eachByDay(tx, from, to, func(l loaded) error {
			n++
			return write(l)
		})
	})
	return n, errors.Join(err, end())
}

// bounds are the keys of the days index between which the filter lies.
func (f ExportFilter) bounds() (from, to []byte, err error) {
	day := func(d offline.BusinessDay, plus int) ([]byte, error) {
		t, err := time.ParseInLocation(time.DateOnly, string(d), offline.Beijing)
		if err != nil {
			return nil, fmt.Errorf("business day %q is not like 2026-11-21: %w", d, err)
		}
		return dayIndexKey(t.AddDate(0, 0, plus), ""), nil
	}
	if f.From != "" {
		if from, err = day(f.From, 0); err != nil {
			return nil, nil, err
		}
	}
	if f.To != "" {
		to, err = day(f.To, 1)
	}
	return from, to, err
}

// line is one sale in JSON lines. The names are those of the journal's records.
type line struct {
	Sale     offline.SaleHead  `json:"sale"`
	State    offline.SaleState `json:"state"`
	Settled  bool              `json:"settled"`
	Closed   *offline.SaleEnd  `json:"closed,omitempty"`
	Payments []linePayment     `json:"payments,omitempty"`
	Refunds  []lineRefund      `json:"refunds,omitempty"`
	Events   []offline.Event   `json:"events"`
}

type linePayment struct {
	offline.PaymentHead
	State offline.State  `json:"state"`
	Facts []offline.Fact `json:"facts"`
}

type lineRefund struct {
	offline.RefundHead
	State offline.RefundState `json:"state"`
	Facts []offline.Fact      `json:"facts"`
}

func writeLine(w io.Writer, l loaded) error {
	out := line{Sale: l.stored.Head, State: l.sale.State(), Settled: l.sale.Settled(), Closed: l.stored.End, Events: l.events}
	for i, p := range l.stored.Payments {
		p.Head.Code.Hash = "" // with the journal's key it would tell the code
		out.Payments = append(out.Payments, linePayment{p.Head, offline.DeriveState(l.sale.Payments[i]), p.Facts})
	}
	for i, r := range l.stored.Refunds {
		out.Refunds = append(out.Refunds, lineRefund{r.Head, l.sale.Refunds[i].State(), r.Facts})
	}
	return writeJSON(w, out)
}

func writeJSON(w io.Writer, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(body, '\n'))
	return err
}
