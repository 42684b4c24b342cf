package admin

import (
	"github.com/prometheus/client_golang/prometheus"

	"posagent/offline"
)

// GatewayStates are the words of Gateway.State.
func GatewayStates() []string { return []string{"unknown", "ok", "unreachable", "setup_fault"} }

func (g *gauges) open() []reading {
	if g.OpenSales == nil {
		return nil
	}
	var (
		count  = describe("open_sales", "Sales with something left to do, by state.", "state")
		oldest = describe("oldest_open_sale_seconds", "Age of the oldest sale with something left to do, by state; 0: none.", "state")
		refund = describe("open_refund_sales", "Sales with a refund under way.")
		late   = describe("late_success_sales", "Sales whose money was taken after their reversal was decided, and is not given back yet.")
		taken  = describe("taken_after_end_sales", "Sales that had ended as not paid when the gateway named the money as taken; a person must look.")
	)
	return []reading{{[]*prometheus.Desc{count, oldest, refund, late, taken}, func(to sink) {
		o := g.OpenSales()
		for _, state := range openStates() {
			s := o.Sales[offline.SaleState(state)]
			to(count, float64(s.Count), state)
			to(oldest, s.Oldest.Seconds(), state)
		}
		to(refund, float64(o.Refunds))
		to(late, float64(o.LateSuccesses))
		to(taken, float64(o.TakenAfterEnd))
	}}}
}

func (g *gauges) gateway() []reading {
	if g.Gateway == nil {
		return nil
	}
	state := describe("gateway_state", "1 for how the last messages to the gateway went.", "state")
	answer := describe("gateway_last_answer_timestamp_seconds", "When the newest verified answer came, in Unix time; absent before the first.")
	return []reading{{[]*prometheus.Desc{state, answer}, func(to sink) {
		now := g.Gateway()
		for _, s := range GatewayStates() {
			to(state, number(s == now.State), s)
		}
		stamp(to, answer, now.LastAnswer)
	}}}
}

func (g *gauges) journal() []reading {
	if g.Journal == nil {
		return nil
	}
	var (
		ok    = describe("journal_ok", "1 while the journal takes writes.")
		size  = describe("journal_size_bytes", "Size of the journal's file.")
		used  = describe("journal_used_bytes", "Bytes of the journal's file up to the last page ever used.")
		free  = describe("journal_free_bytes", "Bytes within the used part that can be used again.")
		sales = describe("journal_sales", "Sales that the journal holds.")
		live  = describe("journal_unfiled_sales", "Sales that the journal holds in memory until they are filed.")
	)
	return []reading{{[]*prometheus.Desc{ok, size, used, free, sales, live}, func(to sink) {
		j := g.Journal()
		to(ok, number(j.OK))
		to(size, float64(j.Size))
		to(used, float64(j.Used))
		to(free, float64(j.Free))
		to(sales, float64(j.Sales))
		to(live, float64(j.Live))
	}}}
}

// machine is what the till stands on: disk and clock.
func (g *gauges) machine() []reading {
	var list []reading
	if g.Disk != nil {
		free := describe("disk_free_bytes", "Bytes that the service may still write where the journal is.")
		total := describe("disk_size_bytes", "Size of the file system where the journal is.")
		list = append(list, reading{[]*prometheus.Desc{free, total}, func(to sink) {
			if f, t, known := g.Disk(); known {
				to(free, float64(f))
				to(total, float64(t))
			}
		}})
	}
	if g.Clock != nil {
		skew := describe("clock_offset_seconds", "Gateway's clock minus this machine's at the newest verified answer, good to a second; absent before the first.")
		at := describe("clock_checked_timestamp_seconds", "When the clocks were compared, in Unix time.")
		list = append(list, reading{[]*prometheus.Desc{skew, at}, func(to sink) {
			if d, when, known := g.Clock(); known {
				to(skew, d.Seconds())
				stamp(to, at, when)
			}
		}})
	}
	return list
}

func (g *gauges) certificates() []reading {
	if g.Certificates == nil {
		return nil
	}
	d := describe("certificate_expiry_timestamp_seconds", "When a certificate expires, in Unix time: of the gateway as it was last shown, of files the one that expires first.", "certificate")
	return []reading{{[]*prometheus.Desc{d}, func(to sink) {
		for _, c := range g.Certificates() {
			stamp(to, d, c.NotAfter, c.Name)
		}
	}}}
}

// warnings are counted by code: of scanners several may stand.
func (g *gauges) warnings() []reading {
	if g.Warnings == nil {
		return nil
	}
	d := describe("warnings", "Conditions that stand now, by their code and by what they mean for selling.", "code", "severity")
	return []reading{{[]*prometheus.Desc{d}, func(to sink) {
		n := map[Warning]int{}
		for _, w := range g.Warnings() {
			n[w]++
		}
		for w, count := range n {
			to(d, float64(count), w.Code, w.Severity)
		}
	}}}
}
