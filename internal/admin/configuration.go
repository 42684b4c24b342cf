package admin

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ReloadResult is what became of a new configuration. The words are labels.
type ReloadResult string

// The results of a reload.
const (
	ReloadApplied   ReloadResult = "applied"   // it is in force
	ReloadUnchanged ReloadResult = "unchanged" // the files say what is in force
	ReloadRefused   ReloadResult = "refused"   // it is at fault; the old one stays
	ReloadReturned  ReloadResult = "returned"  // it could not sell; the old one is back
)

// configuration tells which configuration is in force and how the last try to
// change it went. A fleet's alert is keyed by it: a till that refused a roll-out
// goes on selling and would be found by nobody.
type configuration struct {
	generation prometheus.Gauge
	successful prometheus.Gauge
	since      prometheus.Gauge
	restart    prometheus.Gauge
	reloads    *prometheus.CounterVec
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: "posagent_" + name, Help: help})
}

func newConfiguration() *configuration {
	c := &configuration{
		generation: gauge("config_generation", "Number of the configuration in force; 1 is the one of the start."),
		successful: gauge("config_last_reload_successful", "1 unless the last reload was refused or taken back."),
		since:      gauge("config_last_reload_success_timestamp_seconds", "When the configuration in force was taken, in Unix time."),
		restart:    gauge("config_restart_needed", "1 while the files hold a change that only a restart applies."),
		reloads:    counters("config_reloads_total", "Reloads by what became of them.", "result"),
	}
	start(c.reloads, words(ReloadApplied, ReloadUnchanged, ReloadRefused, ReloadReturned))
	c.generation.Set(1)
	c.successful.Set(1)
	c.since.Set(unix(time.Now()))
	return c
}

func (c *configuration) collectors() []prometheus.Collector {
	return []prometheus.Collector{c.generation, c.successful, c.since, c.restart, c.reloads}
}

// Reloaded tells how a reload ended and which generation is in force now. at is
// when the one in force was taken; zero leaves it as it is.
func (m *Metrics) Reloaded(result ReloadResult, generation uint64, at time.Time) {
	m.config.reloads.WithLabelValues(string(result)).Inc()
	// A fault that was taken out of the files again ends with "unchanged".
	m.config.successful.Set(number(result == ReloadApplied || result == ReloadUnchanged))
	m.config.generation.Set(float64(generation))
	if !at.IsZero() {
		m.config.since.Set(unix(at))
	}
}

// RestartNeeded tells whether the files hold a change that only a restart applies.
func (m *Metrics) RestartNeeded(needed bool) { m.config.restart.Set(number(needed)) }

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
