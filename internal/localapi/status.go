package localapi

import (
	"net/http"
	"time"

	"posagent/device"
	"posagent/internal/health"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline"
)

// getStatus is GET /v1/status.
func (s *Server) getStatus(w http.ResponseWriter, r *http.Request) {
	if _, p := query(r); p != nil {
		s.problem(w, p)
		return
	}
	snapshot, _ := s.opt.Till.Latest()
	s.answer(w, http.StatusOK, s.status(snapshot))
}

// status is the picture of the till with what journal and assembly add. A
// journal that cannot be read shows as such; the rest is told all the same.
func (s *Server) status(snap *till.Snapshot) wire.Status {
	out := wire.Status{
		Version:  s.opt.Version,
		Till:     s.tillOf(snap),
		Scanners: make([]wire.Scanner, 0, len(snap.Scanners)),
		Gateway:  s.gatewayOf(snap.Gateway),
		Journal:  wire.Journal{OK: true},
		Backlog:  backlogOf(snap.Backlog),
		Totals:   []wire.Total{},
		Warnings: warningsOf(snap.Warnings),
	}
	for _, h := range snap.Scanners {
		out.Scanners = append(out.Scanners, scannerOf(h))
	}
	if s.opt.ConfigInfo != nil {
		out.Configuration = s.opt.ConfigInfo()
	}
	if s.opt.JournalInfo != nil {
		out.Journal = s.opt.JournalInfo()
	}
	last, err := s.opt.Journal.LastEvent()
	if err == nil {
		out.Journal.LastEvent = last
		out.Totals, err = s.totals()
	}
	if err != nil {
		out.Journal.OK = false
		if out.Journal.Error == "" {
			out.Journal.Error = err.Error()
		}
	}
	return out
}

func (s *Server) totals() ([]wire.Total, error) {
	day := offline.DayOf(time.Now())
	list, err := s.opt.Journal.Totals(day)
	out := make([]wire.Total, 0, len(list))
	for _, t := range list {
		out = append(out, wire.Total{
			Day: string(day), Paid: t.Paid, PaidSum: t.PaidSum, Refunded: t.Refunded, RefundedSum: t.RefundedSum,
		})
	}
	return out, err
}

func (s *Server) tillOf(snap *till.Snapshot) wire.Till {
	out := wire.Till{
		Ready: snap.Ready, Reasons: warningsOf(snap.Reasons), Currency: s.now().Currency,
		Waiting: snap.Waiting, Deadline: moment(snap.Deadline), Notice: noticeOf(snap.Notice),
	}
	if snap.Foreground != nil {
		out.Foreground = string(snap.Foreground.ID)
	}
	if snap.Last != nil {
		out.Last = string(snap.Last.ID)
	}
	return out
}

func noticeOf(n *till.Notice) *wire.Notice {
	if n == nil {
		return nil
	}
	return &wire.Notice{
		Serial: n.Serial, At: stamp(n.At), SaleID: string(n.SaleID), Code: n.Code, Source: n.Source, Masked: n.Masked,
		Title: n.Title, Detail: n.What, Action: n.Do, UsedBy: string(n.UsedBy), UsedAt: moment(n.UsedAt),
	}
}

func scannerOf(h device.Health) wire.Scanner {
	return wire.Scanner{
		Name: h.Name, Kind: h.Kind, State: string(h.State), Since: stamp(h.Since), Port: h.Port, Detail: h.Detail,
		LastScan: moment(h.LastScan), Error: h.LastError, ErrorAt: moment(h.LastErrorAt), Advice: h.Advice, Hint: h.Hint,
		GoodReads: h.Counters.GoodReads, Refused: h.Counters.Refused, Duplicates: h.Counters.Duplicates,
		FramingErrors: h.Counters.FramingErrors, Reconnects: h.Counters.Reconnects,
	}
}

func (s *Server) gatewayOf(g till.Gateway) wire.Gateway {
	var out wire.Gateway
	if s.opt.GatewayInfo != nil {
		out = s.opt.GatewayInfo()
	}
	out.State, out.Since, out.LastAnswer = string(g.State), moment(g.Since), moment(g.LastAnswer)
	out.LastTookMS = float64(g.LastTook.Microseconds()) / 1000
	out.LastError, out.LastErrAt = g.LastError, moment(g.LastErrAt)
	return out
}

func backlogOf(b till.Backlog) wire.Backlog {
	out := wire.Backlog{
		Unsettled: b.Unsettled, ByState: b.ByState, Refunds: b.Refunds, Oldest: moment(b.Oldest),
		Attention: names(b.Attention), AttentionCount: b.AttentionCount,
		LateSuccess: names(b.LateSuccess), LateCount: b.LateCount,
	}
	if out.ByState == nil {
		out.ByState = map[wire.State]int{}
	}
	return out
}

func names(ids []offline.SaleID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

func warningsOf(list []health.Warning) []wire.Warning {
	out := make([]wire.Warning, 0, len(list))
	for _, w := range list {
		out = append(out, wire.Warning{
			Code: string(w.Code), Subject: w.Subject, Severity: string(w.Severity),
			Title: w.Title, Detail: w.Text, Remedy: w.Remedy, Since: stamp(w.Since),
		})
	}
	return out
}
