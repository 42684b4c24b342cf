package admin

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"posagent/offline"
)

// Metrics are the program's counters. All names begin with posagent_ and end in
// their unit; labels hold words from closed sets, and the names of scanners as
// configured. docs/metrics.md lists them all.
type Metrics struct {
	registry *prometheus.Registry
	attempts *prometheus.CounterVec
	took     *prometheus.HistogramVec
	commits  prometheus.Histogram
	refused  *prometheus.CounterVec
	money    *money
	config   *configuration
}

// NewMetrics registers all counters and gauges, with the build as a constant.
func NewMetrics(version, commit string, g Gauges) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		attempts: counters("gateway_calls_total", "Messages to the gateway by operation and outcome.", "op", "outcome"),
		took: histograms("gateway_call_seconds", "Time from sending a message to its outcome.",
			[]float64{.05, .1, .25, .5, 1, 2, 3, 5, 10, 20}, "op"),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "posagent_journal_commit_seconds", Help: "Time of one durable commit.",
			Buckets: []float64{.0002, .0005, .001, .002, .005, .01, .05, .1, .5, 1},
		}),
		refused: counters("scans_refused_total", "Labels that started no payment, by what they are.", "kind"),
		money:   newMoney(),
		config:  newConfiguration(),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "posagent_build_info", Help: "Always 1; the build stands in the labels.",
		ConstLabels: prometheus.Labels{"version": version, "commit": commit, "goversion": runtime.Version()},
	})
	info.Set(1)
	for _, op := range ops() {
		m.took.WithLabelValues(op)
		for _, o := range outcomes() {
			m.attempts.WithLabelValues(op, o)
		}
	}
	start(m.refused, append(refusedKinds(), other))
	m.registry.MustRegister(
		m.attempts, m.took, m.commits, m.refused, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newGauges(g),
	)
	m.registry.MustRegister(m.money.collectors()...)
	m.registry.MustRegister(m.config.collectors()...)
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: "posagent_" + name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "posagent_" + name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "posagent_" + name, Help: help, Buckets: buckets}, labels)
}

// Attempt counts one message. It is the engine's OnAttempt.
func (m *Metrics) Attempt(op offline.Op, o offline.Outcome, took time.Duration) {
	m.attempts.WithLabelValues(string(op), string(o.Kind)).Inc()
	m.took.WithLabelValues(string(op)).Observe(took.Seconds())
}

// Commit counts one durable commit.
func (m *Metrics) Commit(took time.Duration) { m.commits.Observe(took.Seconds()) }

// Refused counts a label that started no payment.
func (m *Metrics) Refused(kind string) { m.refused.WithLabelValues(refusedKinds().of(kind)).Inc() }
