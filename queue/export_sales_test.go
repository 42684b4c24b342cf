package queue_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/offline"
	"posagent/queue"
	"posagent/queue/queuetest"
)

// exported is the CSV of a journal, by columns.
func exported(t *testing.T, j *queue.Journal, f queue.ExportFilter) (rows []map[string]string, sales int) {
	t.Helper()
	var out bytes.Buffer
	n, err := j.Export(&out, queue.CSV, f)
	if err != nil {
		t.Fatal(err)
	}
	cells, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range cells[1:] {
		row := map[string]string{}
		for i, name := range cells[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows, n
}

func TestExportHasARowForEachPaymentRefundAndCancellation(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j,
		s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"),
		s.Refund("R-1", "M-1", "F-1", 100), s.Refunded("R-1", "F-1"),
		s.Open("R-2"), s.Close("R-2", offline.SaleCancelled), // no payment: no row
		s.Start("R-3", "M-3", queuetest.Code(3)), s.Parked("R-3", "M-3"),
		s.Start("R-4", "M-4", queuetest.Code(4)), s.Unsent("R-4", "M-4"),
	)
	rows, n := exported(t, j, queue.ExportFilter{})
	if n != 4 {
		t.Errorf("%d sales, want 4", n)
	}
	want := []map[string]string{
		{
			"saleId": "R-1", "type": "PAYMENT", "merchantTransId": "M-1", "refundId": "", "acquirementId": "2026112119400100001234567",
			"result": "paid", "amount": "128.50", "currency": "HKD", "created": "2026-11-21T09:30:02+08:00",
			"ended": "2026-11-21T09:30:03+08:00", "code": queuetest.Code(1).Masked(), "resultCode": "SUCCESS",
		},
		{
			"saleId": "R-1", "type": "REFUND", "merchantTransId": "M-1", "refundId": "F-1", "acquirementId": "2026112119400100001234567",
			"result": "refunded", "amount": "1.00", "currency": "HKD", "resultCode": "SUCCESS",
		},
		{"saleId": "R-3", "type": "CANCEL", "merchantTransId": "M-3", "result": "attention", "ended": ""},
		{"saleId": "R-4", "type": "PAYMENT", "merchantTransId": "M-4", "result": "cancelled unsent", "acquirementId": ""},
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d: %v", len(rows), len(want), rows)
	}
	for i := range want {
		for column, value := range want[i] {
			if rows[i][column] != value {
				t.Errorf("row %d, %s: %q, want %q", i+1, column, rows[i][column], value)
			}
		}
	}
}

// A spreadsheet runs a cell that begins with = as a formula. The gateway's texts
// and the supervisor's note are foreign.
func TestExportedTextIsNoFormulaToASpreadsheet(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	evil := queuetest.Success()
	evil.ResultCode, evil.AcquirementID = "+1+cmd", "=HYPERLINK(1)"
	queuetest.Commit(t, j,
		s.Start("R-1", "M-1", queuetest.Code(1)), s.Facts("R-1", "M-1", s.Finished(1, evil), s.Ended(offline.ResultPaid, "")),
		s.Start("R-2", "M-2", queuetest.Code(2)), s.Parked("R-2", "M-2"),
		s.Facts("R-2", "M-2", offline.Fact{Kind: offline.FactResolved, By: "＠lee", Note: " -2+3"}, s.Ended(offline.ResultPaid, "")),
	)
	rows, _ := exported(t, j, queue.ExportFilter{})
	for _, cell := range []struct {
		row        int
		name, want string
	}{
		{0, "acquirementId", "'=HYPERLINK(1)"},
		{0, "resultCode", "'+1+cmd"},
		{1, "by", "'＠lee"},
		{1, "note", "' -2+3"},
	} {
		if got := rows[cell.row][cell.name]; got != cell.want {
			t.Errorf("%s: %q, want %q", cell.name, got, cell.want)
		}
	}
}

func TestExportAsJSONLinesHasAllFactsAndNoCode(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	code := queuetest.Code(7)
	queuetest.Commit(t, j,
		s.Start("R-1", "M-1", code), s.Paid("R-1", "M-1"), s.Refund("R-1", "M-1", "F-1", 100),
		s.Open("R-2"), s.Close("R-2", offline.SaleCancelled),
	)
	var out bytes.Buffer
	if n, err := j.Export(&out, queue.JSONLines, queue.ExportFilter{}); n != 2 || err != nil {
		t.Fatalf("%d sales, %v; want 2", n, err)
	}
	if text := out.String(); strings.Contains(text, code.Reveal()) || strings.Contains(text, j.Digest(code).Hash) {
		t.Error("the code, or what the journal's key makes of it, stands in the export")
	}
	type line struct {
		Sale     struct{ ID offline.SaleID }
		State    string
		Settled  bool
		Closed   *struct{ By string }
		Payments []struct{ Facts []offline.Fact }
		Refunds  []struct{ Facts []offline.Fact }
		Events   []offline.Event
	}
	var lines []line
	for dec := json.NewDecoder(&out); dec.More(); {
		var l line
		if err := dec.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	first, second := lines[0], lines[1]
	if first.State != "paid" || first.Settled || len(first.Payments) != 1 || len(first.Payments[0].Facts) != 3 ||
		len(first.Refunds) != 1 || len(first.Refunds[0].Facts) != 1 || len(first.Events) != 3 {
		t.Errorf("the first line is %+v", first)
	}
	if second.State != "cancelled" || !second.Settled || second.Closed == nil || second.Closed.By != "cashier" {
		t.Errorf("the second line is %+v", second)
	}
}

// Sales that are filed, live, and recalled to life by a refund come in the order
// in which they were opened, each of them once.
func TestExportIsInTheOrderOfOpeningWhereverASaleStands(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	var want []string
	open := func(n int) {
		id, m := saleNo(n)
		want = append(want, string(id))
		queuetest.Commit(t, j, s.Start(id, m, queuetest.Code(n)))
		if n%2 == 0 {
			queuetest.Commit(t, j, s.Paid(id, m))
		}
	}
	for n := range 6 {
		open(9 - n) // ids in the other order
	}
	if err := j.Tidy(); err != nil {
		t.Fatal(err)
	}
	queuetest.Commit(t, j, s.Refund("R-0006", "M-0006", "F-1", 5))
	for n := 10; n < 13; n++ {
		open(n)
	}
	rows, n := exported(t, j, queue.ExportFilter{})
	var got []string
	for _, r := range rows {
		if r["type"] != "REFUND" {
			got = append(got, r["saleId"])
		}
	}
	if n != len(want) || !slices.Equal(got, want) {
		t.Errorf("got %d: %v, want %v", n, got, want)
	}
}

func TestExportTakesTheDaysOfBeijingBothIncluded(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	day := func(d, h int) time.Time { return time.Date(2026, 11, d, h, 0, 0, 0, offline.Beijing) }
	for i, at := range []time.Time{day(19, 23), day(20, 0), day(21, 12), day(22, 23), day(23, 0)} {
		s.Now = at
		id, m := saleNo(i)
		queuetest.Commit(t, j, s.Start(id, m, queuetest.Code(i)), s.Paid(id, m))
		if i == 2 { // some filed, some live
			if err := j.Tidy(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, row := range []struct {
		filter queue.ExportFilter
		want   int
	}{
		{queue.ExportFilter{}, 5},
		{queue.ExportFilter{From: "2026-11-20"}, 4},
		{queue.ExportFilter{To: "2026-11-22"}, 4},
		{queue.ExportFilter{From: "2026-11-20", To: "2026-11-22"}, 3},
		{queue.ExportFilter{From: "2026-11-21", To: "2026-11-21"}, 1},
		{queue.ExportFilter{From: "2026-12-01"}, 0},
	} {
		if _, n := exported(t, j, row.filter); n != row.want {
			t.Errorf("%+v: %d sales, want %d", row.filter, n, row.want)
		}
	}
}

func TestExportThatCannotBeMadeSaysWhy(t *testing.T) {
	j := queuetest.Open(t)
	s := queuetest.NewScript(j)
	queuetest.Commit(t, j, s.Start("R-1", "M-1", queuetest.Code(1)), s.Paid("R-1", "M-1"))
	full := errors.New("the stick is full")
	for _, row := range []struct {
		name   string
		format queue.Format
		filter queue.ExportFilter
		says   string
	}{
		{"no such format", "xls", queue.ExportFilter{}, `"xls"`},
		{"no day to begin with", queue.CSV, queue.ExportFilter{From: "21.11.2026"}, `"21.11.2026"`},
		{"no day to end with", queue.CSV, queue.ExportFilter{To: "tomorrow"}, `"tomorrow"`},
		{"a full stick, CSV", queue.CSV, queue.ExportFilter{}, full.Error()},
		{"a full stick, JSON lines", queue.JSONLines, queue.ExportFilter{}, full.Error()},
	} {
		_, err := j.Export(brokenWriter{full}, row.format, row.filter)
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want an error that says %s", row.name, err, row.says)
		}
	}
	if _, err := j.Export(&bytes.Buffer{}, "xls", queue.ExportFilter{}); !errors.Is(err, queue.ErrFormat) {
		t.Errorf("got %v, want ErrFormat", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Export(&bytes.Buffer{}, queue.CSV, queue.ExportFilter{}); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
}

// A large export that fails half way ends with the first failure, not silently.
func TestExportStopsAtTheFirstFailureOfItsWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	if err := queuetest.Fill(path, 300); err != nil {
		t.Fatal(err)
	}
	j, err := queue.Open(path, queue.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	gone := errors.New("the stick was pulled out")
	for _, format := range []queue.Format{queue.CSV, queue.JSONLines} {
		n, err := j.Export(brokenWriter{gone}, format, queue.ExportFilter{})
		if !errors.Is(err, gone) || n == 300 {
			t.Errorf("%s: %d sales, %v; want to stop at the first failure", format, n, err)
		}
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }
