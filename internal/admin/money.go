package admin

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posagent/offline"
)

// money counts what was committed: each fact once, in the write that made it
// durable, so that no counter misses one or counts it twice.
type money struct {
	opened    prometheus.Counter
	sales     *prometheus.CounterVec
	paid      *prometheus.CounterVec
	refunded  *prometheus.CounterVec
	returned  *prometheus.CounterVec
	answer    *prometheus.HistogramVec
	reversals *prometheus.CounterVec
	parked    *prometheus.CounterVec
	late      prometheus.Counter

	endings map[offline.SaleState]closed
	reasons struct{ reversal, parked closed }

	mu     sync.Mutex
	wanted map[offline.MerchantTransID]time.Time // payments that this run began, until the cashier has an answer
}

func newMoney() *money {
	m := &money{
		opened:    counter("sales_opened_total", "Sales that were opened."),
		sales:     counters("sales_total", "Sales that ended, by result and by the class of its reason.", "result", "reason"),
		paid:      counters("paid_minor_units_total", "Money that was taken, in minor units of the currency.", "currency"),
		refunded:  counters("refunded_minor_units_total", "Money given back by refunds, in minor units of the currency.", "currency"),
		returned:  counters("returned_minor_units_total", "Money that a cancel gave back after it had been taken, in minor units of the currency.", "currency"),
		reversals: counters("reversals_total", "Payments whose reversal was decided, by reason.", "reason"),
		parked:    counters("attention_total", "Payments and refunds that were handed to a person, by reason.", "reason"),
		late:      counter("late_successes_total", "Payments reported as taken after their reversal was decided or after they had ended as not paid."),
		answer: histograms("scan_to_answer_seconds", "Time from the read payment code to the committed answer for the cashier.",
			[]float64{.25, .5, 1, 1.5, 2, 3, 5, 8, 13, 20, 30, 45, 60, 90, 120, 180}, "result"),
		endings: endings(), wanted: map[offline.MerchantTransID]time.Time{},
	}
	m.reasons.reversal, m.reasons.parked = reversalReasons(), attentionReasons()
	for result, classes := range m.endings {
		for _, c := range classes {
			m.sales.WithLabelValues(string(result), c)
		}
	}
	start(m.reversals, append(m.reasons.reversal, other))
	start(m.parked, append(m.reasons.parked, other))
	for _, a := range answers() {
		m.answer.WithLabelValues(a)
	}
	return m
}

// start makes the series of a counter, so that rate() sees the first event.
func start(c *prometheus.CounterVec, values closed) {
	for _, v := range values {
		c.WithLabelValues(v)
	}
}

func (m *money) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.opened, m.sales, m.paid, m.refunded, m.returned, m.answer, m.reversals, m.parked, m.late}
}

// Currency makes the amounts' series of the terminal's currency.
func (m *Metrics) Currency(code string) {
	for _, c := range []*prometheus.CounterVec{m.money.paid, m.money.refunded, m.money.returned} {
		c.WithLabelValues(code)
	}
}

// Counting is the journal with every committed write counted. class names the
// class of reason of a sale that has ended.
func (m *Metrics) Counting(j offline.Journal, class func(*offline.Sale) string) offline.Journal {
	return &countingJournal{Journal: j, money: m.money, class: class}
}

type countingJournal struct {
	offline.Journal
	money *money
	class func(*offline.Sale) string
}

// Commit is the journal's. It counts on the way of a payment: microseconds.
func (j *countingJournal) Commit(w offline.Write) (offline.Committed, error) {
	done, err := j.Journal.Commit(w)
	if err == nil {
		j.money.count(&w, &done.Sale, j.class)
	}
	return done, err
}

func (m *money) count(w *offline.Write, after *offline.Sale, class func(*offline.Sale) string) {
	if w.NewSale != nil {
		m.opened.Inc()
	}
	ended := w.EndSale != nil
	for i := range w.Payments {
		if m.payment(&w.Payments[i], after.Payment(w.Payments[i].ID)) {
			ended = true
		}
	}
	refunded := false
	for i := range w.Refunds {
		for _, f := range w.Refunds[i].Facts {
			switch f.Kind {
			case offline.FactParked:
				m.parked.WithLabelValues(m.reasons.parked.of(string(f.Reason))).Inc()
			case offline.FactEnded:
				refunded = true
			case offline.FactBegun, offline.FactFinished, offline.FactCancelAsked, offline.FactReversal, offline.FactResolved:
			}
		}
	}
	if ended || refunded {
		m.amounts(w, after)
	}
	if ended && after.Final() {
		m.ending(after, class)
	}
}

// payment counts the facts of one payment and tells whether one is its end.
func (m *money) payment(w *offline.PaymentWrite, p *offline.Payment) (ended bool) {
	if w.New != nil {
		m.mu.Lock()
		m.wanted[w.ID] = w.New.CreatedAt
		m.mu.Unlock()
	}
	answer := offline.State("")
	for _, f := range w.Facts {
		switch f.Kind {
		case offline.FactReversal:
			m.reversals.WithLabelValues(m.reasons.reversal.of(string(f.Reason))).Inc()
			answer = offline.StateReversing
		case offline.FactParked:
			m.parked.WithLabelValues(m.reasons.parked.of(string(f.Reason))).Inc()
			answer = offline.StateAttention
		case offline.FactEnded:
			ended = true
			answer = offline.State(f.Result)
			if f.Result == offline.ResultCancelled && f.How == offline.HowReturned {
				m.returned.WithLabelValues(p.Amount.Currency).Add(float64(p.Amount.Value))
			}
		case offline.FactBegun, offline.FactFinished, offline.FactCancelAsked, offline.FactResolved:
		}
	}
	if p.LateSuccess() && !without(p, w.Facts).LateSuccess() {
		m.late.Inc()
	}
	if answer != "" {
		m.answered(w.ID, answer)
	}
	return ended
}

// answered takes the time of the first answer to a code.
func (m *money) answered(id offline.MerchantTransID, answer offline.State) {
	m.mu.Lock()
	begun, waited := m.wanted[id]
	delete(m.wanted, id)
	m.mu.Unlock()
	if waited {
		m.answer.WithLabelValues(string(answer)).Observe(time.Since(begun).Seconds())
	}
}

// without is the payment as if the answers among the facts had not come.
func without(p *offline.Payment, facts []offline.Fact) *offline.Payment {
	before := *p
	before.Attempts = slices.DeleteFunc(slices.Clone(p.Attempts), func(a offline.Attempt) bool {
		return slices.ContainsFunc(facts, func(f offline.Fact) bool { return f.Kind == offline.FactFinished && f.Attempt == a.N })
	})
	return &before
}

// amounts adds what the write made paid or refunded, by the rule of the day's
// totals: the sale before it is the one after it without the ends that it wrote.
func (m *money) amounts(w *offline.Write, after *offline.Sale) {
	before := *after
	before.Payments, before.Refunds = slices.Clone(after.Payments), slices.Clone(after.Refunds)
	for _, pw := range w.Payments {
		if ends(pw.Facts) {
			before.Payment(pw.ID).End = nil
		}
	}
	for _, rw := range w.Refunds {
		if ends(rw.Facts) {
			before.Refund(rw.ID).End = nil
		}
	}
	for _, c := range offline.TotalsOf(before, *after) {
		m.paid.WithLabelValues(c.Total.PaidSum.Currency).Add(float64(c.Total.PaidSum.Value))
		m.refunded.WithLabelValues(c.Total.RefundedSum.Currency).Add(float64(c.Total.RefundedSum.Value))
	}
}

func ends(facts []offline.Fact) bool {
	return slices.ContainsFunc(facts, func(f offline.Fact) bool { return f.Kind == offline.FactEnded })
}

// usual is the class of a result that needs no words for its reason.
func usual(result offline.SaleState) string {
	if result == offline.SaleStatePaid {
		return "gateway"
	}
	if result == offline.SaleStateExpired {
		return "no_code"
	}
	return other
}

// ending counts a sale that has its end. One that a person decides anew, after
// its end was put in doubt, is counted again with the new result.
func (m *money) ending(s *offline.Sale, class func(*offline.Sale) string) {
	result := s.State()
	classes, known := m.endings[result]
	if !known {
		return
	}
	reason := class(s)
	if reason == "" {
		reason = usual(result)
	}
	m.sales.WithLabelValues(string(result), classes.of(reason)).Inc()
}
