//go:build linux

package bench_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"posagent/offline"
	"posagent/queue"
)

// stages notes when one sale passed which point, to show where time goes. A
// stage that is passed several times in one sale counts by its first.
type stages struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (s *stages) pass(name string) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, seen := s.at[name]; !seen && s.at != nil {
		s.at[name] = now
	}
}

// take returns what was passed since the last take.
func (s *stages) take() map[string]time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.at
	s.at = map[string]time.Time{}
	return at
}

// stagedJournal notes the commits of a payment's intent and of its end.
type stagedJournal struct {
	*queue.Journal
	stages *stages
}

// Commit is offline.Journal's.
func (j stagedJournal) Commit(w offline.Write) (offline.Committed, error) {
	name := ""
	for _, pw := range w.Payments {
		for _, f := range pw.Facts {
			switch f.Kind {
			case offline.FactBegun:
				name = "intent"
			case offline.FactEnded:
				name = "end"
			}
		}
	}
	if name == "" {
		return j.Journal.Commit(w)
	}
	j.stages.pass(name + " commit begins")
	defer j.stages.pass(name + " commit ends")
	return j.Journal.Commit(w)
}

// stagedEngine notes when a code reaches the engine.
type stagedEngine struct {
	*offline.Engine
	stages *stages
}

// Pay is till.Seller's.
func (e stagedEngine) Pay(id offline.SaleID, code offline.IdentityCode) (offline.Sale, error) {
	e.stages.pass("engine has the code")
	return e.Engine.Pay(id, code)
}

// stagedGateway notes preparing and sending.
type stagedGateway struct {
	offline.Gateway
	stages *stages
}

// Prepare is offline.Gateway's.
func (g stagedGateway) Prepare(req offline.Request) (offline.Call, error) {
	g.stages.pass("signing begins")
	defer g.stages.pass("signing ends")
	call, err := g.Gateway.Prepare(req)
	return stagedCall{call, g.stages}, err
}

type stagedCall struct {
	offline.Call
	stages *stages
}

// Send is offline.Call's.
func (c stagedCall) Send(ctx context.Context) offline.Outcome {
	c.stages.pass("sending begins")
	defer c.stages.pass("outcome known")
	return c.Call.Send(ctx)
}

// BenchmarkStages shows the way of one payment point by point: the median time
// from the scanner's Read, and from the gateway's answer.
func BenchmarkStages(b *testing.B) {
	s := newStand(b, journalPath(b))
	for range 20 {
		s.sell()
	}
	before := []string{"engine has the code", "signing begins", "intent commit begins", "signing ends", "intent commit ends", "sending begins", "first byte", "first byte read"}
	after := []string{"outcome known", "end commit begins", "end commit ends", "event"}
	took := map[string][]time.Duration{}
	for b.Loop() {
		s.stages.take()
		n := s.sell()
		at := s.stages.take()
		at["first byte"], at["first byte read"], at["event"] = n.firstByte, n.firstRead, n.event
		for _, name := range before {
			took[name] = append(took[name], at[name].Sub(s.line.readAt()))
		}
		for _, name := range after {
			took[name] = append(took[name], at[name].Sub(n.answered))
		}
	}
	b.StopTimer()
	var out strings.Builder
	for _, name := range append(before, after...) {
		fmt.Fprintf(&out, "%s %.0f; ", name, micros(median(took[name])))
	}
	b.ReportMetric(0, "ns/op")
	b.Log(out.String())
}
