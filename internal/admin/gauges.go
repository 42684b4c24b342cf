package admin

import "github.com/prometheus/client_golang/prometheus"

// gauges reads the present state at each scrape, so that no value is stale.
type gauges struct{ Gauges }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("posagent_"+name, help, labels, nil)
}

func (g *gauges) desc() (open, attention, oldest, journal, skew, ready *prometheus.Desc) {
	return describe("open_payments", "Payments and refunds that are not at their end."),
		describe("attention_sales", "Sales that wait for a person."),
		describe("oldest_open_sale_seconds", "Age of the oldest sale that is not settled."),
		describe("journal_size_bytes", "Size of the journal's file."),
		describe("clock_offset_seconds", "Gateway's clock minus this machine's."),
		describe("ready", "1 while the till can sell.")
}

// Describe is prometheus.Collector's.
func (g *gauges) Describe(ch chan<- *prometheus.Desc) {
	a, b, c, d, e, f := g.desc()
	for _, desc := range append([]*prometheus.Desc{a, b, c, d, e, f}, scannerDescs()...) {
		ch <- desc
	}
}

// Collect is prometheus.Collector's.
func (g *gauges) Collect(ch chan<- prometheus.Metric) {
	open, attention, oldest, journal, skew, ready := g.desc()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(open, float64(g.OpenPayments()))
	gauge(attention, float64(g.Attention()))
	gauge(oldest, g.Oldest().Seconds())
	gauge(journal, float64(g.JournalBytes()))
	gauge(ready, number(g.Ready()))
	for _, s := range g.Scanners() {
		s.collect(ch)
	}
	if d, known := g.ClockSkew(); known {
		gauge(skew, d.Seconds())
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
