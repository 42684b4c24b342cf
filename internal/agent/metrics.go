package agent

import (
	"os"
	"path/filepath"
	"time"

	"posagent/internal/admin"
	"posagent/internal/diskspace"
	"posagent/offline"
)

// gauges reads the present state for the metrics. All of it is in memory, but for
// the sizes of the journal's file and of its disk.
func (a *agent) gauges() admin.Gauges {
	return admin.Gauges{
		OpenPayments: func() int { b := a.engine.Backlog(); return b.Driven + b.Listed },
		OpenSales:    a.openSales,
		Attention:    func() int { return a.till.Snapshot().Backlog.AttentionCount },
		Scanners:     a.scannerGauges,
		Gateway: func() admin.Gateway {
			g := a.till.Snapshot().Gateway
			return admin.Gateway{State: string(g.State), LastAnswer: g.LastAnswer}
		},
		Journal: a.journalGauges,
		Disk: func() (free, total uint64, known bool) {
			space, err := diskspace.Free(filepath.Dir(a.cfg().Journal.Path))
			return space.Free, space.Total, err == nil // an error is told by lookAtDisk
		},
		Clock:        func() (time.Duration, time.Time, bool) { return a.client().ClockSkew() },
		Certificates: a.certificates().list,
		KeyModified: func() time.Time {
			info, err := os.Stat(a.cfg().Gateway.PrivateKeyFile)
			if err != nil { // a credential has no age: systemd makes its file at each start
				return time.Time{} // a key that is gone is told at the start, which needs it
			}
			return info.ModTime()
		},
		Ready:   func() bool { return a.till.Snapshot().Ready },
		Drained: func() bool { return a.till.Snapshot().Drained().Draining },
		Warnings: func() []admin.Warning {
			var out []admin.Warning
			for _, w := range a.till.Snapshot().Warnings {
				out = append(out, admin.Warning{Code: string(w.Code), Severity: string(w.Severity)})
			}
			return out
		},
	}
}

// openSales is the background with the sale in the foreground.
func (a *agent) openSales() admin.Open {
	s := a.till.Snapshot()
	b := s.Backlog
	now := time.Now()
	open := admin.Open{
		Sales: map[offline.SaleState]admin.OpenSales{}, Refunds: b.Refunds, LateSuccesses: b.LateCount, TakenAfterEnd: b.TakenCount,
	}
	for state, n := range b.ByState {
		open.Sales[state] = admin.OpenSales{Count: n, Oldest: max(0, now.Sub(b.OldestOf[state]))}
	}
	if f := s.Foreground; f != nil && !f.Settled() {
		o := open.Sales[f.State()]
		o.Count++
		o.Oldest = max(o.Oldest, now.Sub(f.CreatedAt))
		open.Sales[f.State()] = o
	}
	return open
}

func (a *agent) scannerGauges() []admin.Scanner {
	var out []admin.Scanner
	for _, h := range a.scanners.Health() {
		n := h.Counters
		out = append(out, admin.Scanner{
			Name: h.Name, State: string(h.State), Since: h.Since,
			GoodReads: n.GoodReads, Refused: n.Refused, Duplicates: n.Duplicates,
			FramingErrors: n.FramingErrors, Reconnects: n.Reconnects,
		})
	}
	return out
}

func (a *agent) journalGauges() admin.Journal {
	if a.journal == nil {
		return admin.Journal{}
	}
	// A file that was moved away has no size, and a minute later the journal has failed.
	s, err := a.journal.Stats()
	return admin.Journal{
		OK: err == nil && a.journal.Err() == nil, Size: s.FileSize, Used: s.Used, Free: s.Free, Sales: s.Sales, Live: s.Live,
	}
}
