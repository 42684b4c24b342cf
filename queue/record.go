package queue

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"posagent/offline"
)

// maxRecord bounds one record. The largest real one is a fact with the longest
// gateway texts, about 2 KB; a greater length on a page is damage.
const maxRecord = 64 << 10

// errRecord marks a record that does not say what was written.
var errRecord = errors.New("damaged record")

func checksum(key, value []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(key, table), table, value)
}

// seal makes the stored value: JSON and the checksum over key and JSON.
func seal(key, value []byte) []byte {
	out := make([]byte, 0, len(value)+4)
	out = append(out, value...)
	return binary.BigEndian.AppendUint32(out, checksum(key, value))
}

// unseal returns the JSON of a stored value. It aliases v.
func unseal(key, v []byte) ([]byte, error) {
	if len(v) < 4 || len(v) > maxRecord {
		return nil, fmt.Errorf("record %q of %d bytes: %w", key, len(v), errRecord)
	}
	body := v[:len(v)-4]
	if binary.BigEndian.Uint32(v[len(v)-4:]) != checksum(key, body) {
		return nil, fmt.Errorf("record %q: wrong checksum: %w", key, errRecord)
	}
	return body, nil
}

// decode unseals a record and reads its JSON.
func decode(key, v []byte, into any) error {
	body, err := unseal(key, v)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("record %q: %w: %w", key, errRecord, err)
	}
	return nil
}

// record is one key with its sealed value.
type record struct{ key, value []byte }

func newRecord(key []byte, value any) (record, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return record{}, fmt.Errorf("record %q: %w", key, err)
	}
	if len(body)+4 > maxRecord {
		return record{}, fmt.Errorf("record %q of %d bytes is too long", key, len(body))
	}
	return record{key, seal(key, body)}, nil
}

// standing is the one record of a sale that is rewritten: when it is due, and
// how many facts belong to it, which tells whether some were lost.
type standing struct {
	Due     *time.Time `json:"due,omitempty"` // absent: only a person or a start moves it
	Version int        `json:"v"`
}

func (s standing) due() time.Time {
	if s.Due == nil {
		return offline.NeverDue
	}
	return *s.Due
}

func newStanding(due time.Time, version int) standing {
	s := standing{Version: version}
	if !due.IsZero() && due.Before(offline.NeverDue) {
		utc := due.UTC().Round(0)
		s.Due = &utc
	}
	return s
}

// roundTrip returns the value as it will be read back, so that what Commit
// returns does not differ from what a later start finds.
func roundTrip[T any](v T) (T, error) {
	var out T
	body, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(body, &out)
	}
	return out, err
}

// normalise returns the write as it will be read back.
func normalise(w offline.Write) (offline.Write, error) {
	out := offline.Write{SaleID: w.SaleID, Due: w.Due}
	var err error
	if out.NewSale, err = roundTrip(w.NewSale); err != nil {
		return out, err
	}
	if out.EndSale, err = roundTrip(w.EndSale); err != nil {
		return out, err
	}
	for _, pw := range w.Payments {
		n := offline.PaymentWrite{ID: pw.ID}
		if n.New, err = roundTrip(pw.New); err != nil {
			return out, err
		}
		if n.Facts, err = roundTrip(pw.Facts); err != nil {
			return out, err
		}
		out.Payments = append(out.Payments, n)
	}
	for _, rw := range w.Refunds {
		n := offline.RefundWrite{ID: rw.ID}
		if n.New, err = roundTrip(rw.New); err != nil {
			return out, err
		}
		if n.Facts, err = roundTrip(rw.Facts); err != nil {
			return out, err
		}
		out.Refunds = append(out.Refunds, n)
	}
	return out, nil
}

// Facts and heads as they are stored: with the number of the event that tells
// of their commit. It gives the order between the payments and refunds of a
// sale, so that every write can be judged again.
type (
	stampedHead struct {
		offline.SaleHead
		Ev uint64 `json:"ev"`
	}
	stampedEnd struct {
		offline.SaleEnd
		Ev uint64 `json:"ev"`
	}
	stampedPayment struct {
		offline.PaymentHead
		Ev uint64 `json:"ev"`
	}
	stampedRefund struct {
		offline.RefundHead
		Ev uint64 `json:"ev"`
	}
	stampedFact struct {
		offline.Fact
		Ev uint64 `json:"ev"`
	}
)

// recordList collects the records of one write; the first error stays.
type recordList struct {
	id   offline.SaleID
	ev   uint64
	list []record
	err  error
}

func (l *recordList) add(key []byte, value any) {
	r, err := newRecord(key, value)
	l.err = cmp.Or(l.err, err)
	l.list = append(l.list, r)
}

// facts adds facts of a payment or refund that has some already.
func (l *recordList) facts(kind byte, ord, have int, facts []offline.Fact) {
	if ord > maxOrdinal || have+len(facts) > maxOrdinal {
		l.err = cmp.Or(l.err, fmt.Errorf("sale %s: more than %d facts: %w", l.id, maxOrdinal, offline.ErrIllegal))
		return
	}
	for i, f := range facts {
		l.add(factKey(l.id, kind, ord, have+1+i), stampedFact{f, l.ev})
	}
}

// recordsOf makes the records that a write adds to a sale. The write is the one
// that led from before to after, so its payments and refunds exist there.
func recordsOf(w offline.Write, before, after offline.Sale, ev uint64) ([]record, error) {
	l := recordList{id: w.SaleID, ev: ev}
	if w.NewSale != nil {
		l.add(headKey(w.SaleID), stampedHead{*w.NewSale, ev})
	}
	if w.EndSale != nil {
		l.add(endKey(w.SaleID), stampedEnd{*w.EndSale, ev})
	}
	added := map[string]int{} // facts of this write, by payment or refund
	for _, pw := range w.Payments {
		ord, name := slices.IndexFunc(after.Payments, func(p offline.Payment) bool { return p.ID == pw.ID })+1, "p"+string(pw.ID)
		if pw.New != nil {
			l.add(partHeadKey(w.SaleID, recPayment, ord), stampedPayment{*pw.New, ev})
		}
		have := added[name]
		if p := before.Payment(pw.ID); p != nil {
			have += p.Facts
		}
		l.facts(recPayment, ord, have, pw.Facts)
		added[name] += len(pw.Facts)
	}
	for _, rw := range w.Refunds {
		ord, name := slices.IndexFunc(after.Refunds, func(r offline.Refund) bool { return r.ID == rw.ID })+1, "r"+string(rw.ID)
		if rw.New != nil {
			l.add(partHeadKey(w.SaleID, recRefund, ord), stampedRefund{*rw.New, ev})
		}
		have := added[name]
		if r := before.Refund(rw.ID); r != nil {
			have += r.Facts
		}
		l.facts(recRefund, ord, have, rw.Facts)
		added[name] += len(rw.Facts)
	}
	l.add(standingKey(w.SaleID), newStanding(w.Due, after.Version))
	return l.list, l.err
}
