package admin

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"posagent/offline"
)

// Gauges are read when somebody asks for the metrics.
type Gauges struct {
	OpenPayments func() int           // payments and refunds not at their end
	Attention    func() int           // sales that wait for a person
	Oldest       func() time.Duration // age of the oldest open sale; 0: none
	Scanners     func() []Scanner
	JournalBytes func() int64
	ClockSkew    func() (time.Duration, bool)
	Ready        func() bool
}

// Scanner is how one scanner is doing, for the metrics.
type Scanner struct {
	Name  string // as configured
	State string // ready, absent and so on; a closed set
	Since time.Time

	GoodReads, Refused, Duplicates, FramingErrors, Reconnects uint64
}

// Metrics are the program's counters. All names begin with posagent_ and end in
// their unit; labels hold words from closed sets.
type Metrics struct {
	registry *prometheus.Registry
	attempts *prometheus.CounterVec
	took     *prometheus.HistogramVec
	sales    *prometheus.CounterVec
	amounts  *prometheus.CounterVec
	late     prometheus.Counter
	commits  prometheus.Histogram
	refused  *prometheus.CounterVec
}

// NewMetrics registers all counters and gauges, with the build as a constant.
func NewMetrics(version, commit string, g Gauges) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "posagent_gateway_calls_total", Help: "Messages to the gateway by operation and outcome.",
		}, []string{"op", "outcome"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "posagent_gateway_call_seconds", Help: "Time from sending a message to its outcome.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2, 3, 5, 10, 20},
		}, []string{"op"}),
		sales: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "posagent_sales_total", Help: "Sales by the state in which they ended.",
		}, []string{"state"}),
		amounts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "posagent_paid_minor_units_total", Help: "Sum of paid amounts in minor units by currency.",
		}, []string{"currency"}),
		late: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "posagent_late_successes_total", Help: "Payments reported as taken after their reversal was decided.",
		}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "posagent_journal_commit_seconds", Help: "Time of one durable commit.",
			Buckets: []float64{.0002, .0005, .001, .002, .005, .01, .05, .1, .5, 1},
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "posagent_scans_refused_total", Help: "Labels that were not taken as a payment code, by kind.",
		}, []string{"kind"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "posagent_build_info", Help: "Always 1; the build stands in the labels.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit},
	})
	info.Set(1)
	m.registry.MustRegister(
		m.attempts, m.took, m.sales, m.amounts, m.late, m.commits, m.refused, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&gauges{Gauges: g},
	)
	return m
}

// Attempt counts one message. It is the engine's OnAttempt.
func (m *Metrics) Attempt(op offline.Op, o offline.Outcome, took time.Duration) {
	m.attempts.WithLabelValues(string(op), string(o.Kind)).Inc()
	m.took.WithLabelValues(string(op)).Observe(took.Seconds())
}

// Commit counts one durable commit.
func (m *Metrics) Commit(took time.Duration) { m.commits.Observe(took.Seconds()) }

// Refused counts a label that was not taken.
func (m *Metrics) Refused(kind string) { m.refused.WithLabelValues(kind).Inc() }

// Sale counts a sale that reached a final state.
func (m *Metrics) Sale(s offline.Sale) {
	m.sales.WithLabelValues(string(s.State())).Inc()
	if s.State() == offline.SaleStatePaid {
		m.amounts.WithLabelValues(s.Amount.Currency).Add(float64(s.Amount.Value))
	}
}

// Late counts a payment that turned out to be paid after its reversal was decided.
func (m *Metrics) Late() { m.late.Inc() }
