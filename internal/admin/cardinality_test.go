package admin_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi"
	"posagent/offline"
)

// mostSeries bounds what one till costs the shop's Prometheus, with two scanners
// and without Go's own metrics.
const mostSeries = 400

// Whatever is sold, and whatever the gateway and the customers send, makes no
// new series: a company has thousands of tills.
func TestSalesMakeNoNewSeries(t *testing.T) {
	m := newMetrics()
	before := ours(scrape(t, m))
	if len(before) > mostSeries {
		t.Errorf("%d series before the first sale; at most %d", len(before), mostSeries)
	}
	t.Logf("%d series", len(before))
	for i := range 500 {
		w, sale := stranger(i)
		if _, err := m.Counting(sink{sale: sale}, localapi.ReasonClass).Commit(w); err != nil {
			t.Fatal(err)
		}
		m.Refused(fmt.Sprintf("28%016d", i))
	}
	after := ours(scrape(t, m))
	if len(after) != len(before) {
		t.Errorf("%d series before 500 sales, %d after them", len(before), len(after))
	}
	words := regexp.MustCompile(`="([^"]*)"`)
	for series := range after {
		for _, v := range words.FindAllStringSubmatch(series, -1) {
			if regexp.MustCompile(`[0-9]{6}|M-|R-|free text`).MatchString(v[1]) {
				t.Errorf("a label holds what is not of a closed set: %s", series)
			}
		}
	}
}

// ours are the series of a scrape that are not Go's or the process's.
func ours(body string) map[string]bool {
	list := map[string]bool{}
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "posagent_") {
			list[line[:strings.LastIndex(line, " ")]] = true
		}
	}
	return list
}

// sink is a journal that takes everything and knows one sale.
type sink struct {
	offline.Journal
	sale offline.Sale
}

func (s sink) Commit(offline.Write) (offline.Committed, error) {
	return offline.Committed{Sale: s.sale}, nil
}

// stranger is a sale with words that the program has never heard.
func stranger(i int) (offline.Write, offline.Sale) {
	now := time.Now()
	id := offline.SaleID(fmt.Sprintf("R-%06d", i))
	pay := offline.MerchantTransID(fmt.Sprintf("M-%06d", i))
	text := fmt.Sprintf("free text %d", i)
	head := offline.SaleHead{ID: id, Amount: offline.Money{Currency: "HKD", Value: int64(i)}, Title: text, CreatedAt: now}
	refusal := offline.Outcome{Kind: offline.Failure, ResultStatus: "F", ResultCode: text, ResultMsg: text, Class: offline.ReasonClass(text)}
	result := []offline.Result{offline.ResultDeclined, offline.ResultCancelled, offline.ResultPaid}[i%3]
	facts := []offline.Fact{
		{Kind: offline.FactFinished, At: now, Attempt: 1, Outcome: &refusal},
		{Kind: offline.FactReversal, At: now, Reason: offline.Reason(text)},
		{Kind: offline.FactParked, At: now, Reason: offline.Reason(text)},
		{Kind: offline.FactEnded, At: now, Result: result, How: offline.How(text), Note: text, By: text},
	}
	p := offline.Payment{PaymentHead: offline.PaymentHead{ID: pay, Amount: head.Amount, CreatedAt: now}}
	p.Attempts = []offline.Attempt{{N: 1, Op: offline.OpPay, BegunSeq: 1, FinishedSeq: 2, FinishedAt: now, Outcome: refusal}}
	p.End = &offline.End{At: now, Seq: 6, Result: result, How: offline.How(text)}
	sale := offline.Sale{SaleHead: head, Payments: []offline.Payment{p}}
	return offline.Write{
		SaleID: id, NewSale: &head,
		Payments: []offline.PaymentWrite{{ID: pay, New: &p.PaymentHead, Facts: facts}},
	}, sale
}
