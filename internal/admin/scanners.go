package admin

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"posagent/device"
)

// Scanner is how one scanner is doing, for the metrics.
type Scanner struct {
	Name  string // as configured
	State string // one of device.States
	Since time.Time

	GoodReads, Refused, Duplicates, FramingErrors, Reconnects uint64
}

func scannerDesc() (ready, state, since, labels, reconnects *prometheus.Desc) {
	return describe("scanner_ready", "1 while the scanner is ready.", "scanner"),
		describe("scanner_state", "1 for the state that the scanner is in, 0 for the others.", "scanner", "state"),
		describe("scanner_state_since_timestamp_seconds", "When the scanner's state began, in Unix time.", "scanner"),
		describe("scanner_labels_total", "Labels that the scanner sent, by what became of them.", "scanner", "result"),
		describe("scanner_reconnects_total", "How often the scanner was opened again after the first time.", "scanner")
}

func scannerDescs() []*prometheus.Desc {
	a, b, c, d, e := scannerDesc()
	return []*prometheus.Desc{a, b, c, d, e}
}

// collect sends what is known of one scanner. The names of scanners are those of
// the configuration: a few.
func (s Scanner) collect(ch chan<- prometheus.Metric) {
	ready, state, since, labels, reconnects := scannerDesc()
	send := func(d *prometheus.Desc, t prometheus.ValueType, v float64, more ...string) {
		ch <- prometheus.MustNewConstMetric(d, t, v, append([]string{s.Name}, more...)...)
	}
	send(ready, prometheus.GaugeValue, number(s.State == string(device.StateReady)))
	for _, is := range device.States() {
		send(state, prometheus.GaugeValue, number(s.State == string(is)), string(is))
	}
	send(since, prometheus.GaugeValue, unix(s.Since))
	for _, r := range []struct {
		result string
		n      uint64
	}{{"good", s.GoodReads}, {"refused", s.Refused}, {"duplicate", s.Duplicates}, {"framing_error", s.FramingErrors}} {
		send(labels, prometheus.CounterValue, float64(r.n), r.result)
	}
	send(reconnects, prometheus.CounterValue, float64(s.Reconnects))
}
