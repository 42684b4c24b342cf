package queue

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"posagent/offline"
)

// schemaVersion is the layout that this package writes.
//
//	meta                                     one record each, see metaKey
//	live                                     sales that may still change, and settled ones not yet filed
//	│   sequence of the bucket               number of the newest event
//	└── <saleId> 00 ...                      the records of one sale, see below
//	sales                                    settled sales, filed
//	│   sequence of the bucket               how many sales are filed
//	└── <saleId> 00 ...                      the same records
//	payments
//	└── <merchantTransId>                    -> saleId                           filed sales
//	codes
//	└── <16 bytes of the code's hash>        -> saleId 00 merchantTransId        filed payments, unless proven unsent
//	days
//	└── <createdAt, ns since 1970, BE> <saleId>  -> state                        filed sales
//	events
//	└── <number of the event, BE>            -> saleId                           filed sales
//	totals
//	└── <day> 00 <currency>                  -> sums over filed sales, and over pruned ones
//	audit                                    what was done to the till itself; made with its first entry
//	│   sequence of the bucket               number of the newest entry
//	└── <number of the entry, BE>            the entry
//
// The records of one sale stand side by side, so that a commit changes one leaf:
//
//	<saleId> 00 h                            head of the sale
//	<saleId> 00 e                            its end, where it was closed without a payment
//	<saleId> 00 p<nnnn>h                     head of payment nnnn (hex, from 0001)
//	<saleId> 00 p<nnnn>f<mmmm>               fact mmmm of that payment
//	<saleId> 00 r<nnnn>h                     head of refund nnnn
//	<saleId> 00 r<nnnn>f<mmmm>               fact mmmm of that refund
//	<saleId> 00 s                            standing: due, and how many facts there are
//	<saleId> 00 v<number of the event, BE>   event
//
// Values are JSON with the durable names of package offline, followed by four
// bytes: CRC-32C of key and value, since bbolt's pages have no checksum of their
// own. Records of facts are written once and never again; only the standing is.
// The plain values of the index buckets have no checksum: Verify compares them
// with the sales.
//
// A sale that comes back from the files to life (a refund) keeps its index
// entries; its records move.
const schemaVersion = 1

// Bucket names.
const (
	bucketMeta     = "meta"
	bucketLive     = "live"
	bucketSales    = "sales"
	bucketPayments = "payments"
	bucketCodes    = "codes"
	bucketDays     = "days"
	bucketEvents   = "events"
	bucketTotals   = "totals"
	// bucketAudit is not in allBuckets: a journal without it has an empty trail.
	// Programs from before it leave it alone, neither reading nor removing it, so
	// that it needs no step of the schema and no downgrade is refused for it.
	bucketAudit = "audit"
)

// allBuckets lists the buckets of the present schema.
func allBuckets() []string {
	return []string{
		bucketMeta, bucketLive, bucketSales, bucketPayments, bucketCodes, bucketDays, bucketEvents, bucketTotals,
	}
}

// Keys of the meta bucket.
const (
	metaSchema   = "schema"   // version, a JSON number
	metaCodeKey  = "codekey"  // 32 random bytes in hex: the key of Digest
	metaTerminal = "terminal" // name of the till, for people
	metaCreated  = "created"  // when
	metaRun      = "run"      // "running" while a program has it open for writing, else "closed"
)

// Values of metaRun.
const (
	runOpen   = "running"
	runClosed = "closed"
)

// Kinds of a sale's records: the first byte after the separator.
const (
	recHead     = 'h'
	recEnd      = 'e'
	recPayment  = 'p'
	recRefund   = 'r'
	recStanding = 's'
	recEvent    = 'v'
)

// salePrefix is what all keys of one sale begin with. No id holds a zero byte,
// so no sale's prefix begins another's.
func salePrefix(id offline.SaleID) []byte {
	return append([]byte(id), 0)
}

func saleKey(id offline.SaleID, suffix string) []byte {
	b := make([]byte, 0, len(id)+1+len(suffix))
	b = append(b, id...)
	b = append(b, 0)
	return append(b, suffix...)
}

func headKey(id offline.SaleID) []byte     { return saleKey(id, string(recHead)) }
func endKey(id offline.SaleID) []byte      { return saleKey(id, string(recEnd)) }
func standingKey(id offline.SaleID) []byte { return saleKey(id, string(recStanding)) }

func partHeadKey(id offline.SaleID, kind byte, ord int) []byte {
	return saleKey(id, fmt.Sprintf("%c%04xh", kind, ord))
}

func factKey(id offline.SaleID, kind byte, ord, seq int) []byte {
	return saleKey(id, fmt.Sprintf("%c%04xf%04x", kind, ord, seq))
}

func eventKey(id offline.SaleID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(saleKey(id, string(recEvent)), seq)
}

// saleRecordKey is a parsed key of the buckets live and sales.
type saleRecordKey struct {
	sale offline.SaleID
	kind byte
	ord  int // of the payment or refund, from 1
	fact int // from 1; 0 for the head
	seq  uint64
}

// parseSaleKey reads a key of the buckets live and sales.
func parseSaleKey(key []byte) (saleRecordKey, bool) {
	id, rest, ok := strings.Cut(string(key), "\x00")
	if _, err := offline.ParseSaleID(id); err != nil || !ok || rest == "" {
		return saleRecordKey{}, false
	}
	k := saleRecordKey{sale: offline.SaleID(id), kind: rest[0]}
	switch k.kind {
	case recHead, recEnd, recStanding:
		return k, len(rest) == 1
	case recEvent:
		if len(rest) != 9 {
			return k, false
		}
		k.seq = binary.BigEndian.Uint64([]byte(rest[1:]))
		return k, k.seq > 0
	case recPayment, recRefund:
		return k, k.parsePart(rest[1:])
	}
	return k, false
}

func (k *saleRecordKey) parsePart(s string) bool {
	if len(s) < 5 {
		return false
	}
	ord, ok := parseHex4(s[:4])
	if !ok {
		return false
	}
	k.ord = ord
	switch {
	case s[4] == 'h' && len(s) == 5:
		return true
	case s[4] == 'f' && len(s) == 9:
		k.fact, ok = parseHex4(s[5:])
		return ok
	}
	return false
}

func parseHex4(s string) (int, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 2 || s != strings.ToLower(s) {
		return 0, false
	}
	n := int(binary.BigEndian.Uint16(b))
	return n, n > 0
}

// maxOrdinal is the largest number of payments, refunds, and facts in each.
const maxOrdinal = 0xFFFF

// codeIndexKey turns the digest's hash into the key of the codes bucket.
func codeIndexKey(hash string) ([]byte, error) {
	b, err := hex.DecodeString(hash)
	if err != nil || len(b) != 16 {
		return nil, fmt.Errorf("a payment without the digest of its code: %w", offline.ErrIllegal)
	}
	return b, nil
}

func codeIndexValue(id offline.SaleID, payment offline.MerchantTransID) []byte {
	return saleKey(id, string(payment))
}

func parseCodeIndexValue(v []byte) (offline.SaleID, offline.MerchantTransID, bool) {
	sale, payment, ok := strings.Cut(string(v), "\x00")
	return offline.SaleID(sale), offline.MerchantTransID(payment), ok && sale != "" && payment != ""
}

// dayIndexKey orders sales by the moment at which they were opened.
func dayIndexKey(at time.Time, id offline.SaleID) []byte {
	return append(binary.BigEndian.AppendUint64(nil, sortableNanos(at)), id...)
}

func parseDayIndexKey(k []byte) (nanos uint64, id offline.SaleID, ok bool) {
	if len(k) < 9 {
		return 0, "", false
	}
	return binary.BigEndian.Uint64(k), offline.SaleID(k[8:]), true
}

// sortableNanos maps times to numbers of the same order; what lies outside the
// years 1970 to 2262 is drawn to the nearer end.
func sortableNanos(t time.Time) uint64 {
	switch {
	case t.Before(time.Unix(0, 0)):
		return 0
	case t.Year() > 2261:
		return 1<<63 - 1
	}
	return uint64(t.UnixNano())
}

func eventIndexKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

func totalKey(day offline.BusinessDay, currency string) []byte {
	return []byte(string(day) + "\x00" + currency)
}

func parseTotalKey(k []byte) (offline.BusinessDay, string, bool) {
	day, currency, ok := strings.Cut(string(k), "\x00")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", "", false
	}
	return offline.BusinessDay(day), currency, ok && currency != ""
}

func beUint64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
