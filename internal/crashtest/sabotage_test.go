package crashtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"posagent/offline"
	"posagent/offline/sandbox"
)

// saboteur is an agent's gateway that does one thing wrong.
type saboteur struct {
	offline.Gateway
	eager bool // sends before its intent is durable
	lie   func(offline.Op, offline.Outcome) offline.Outcome
}

func (s saboteur) Prepare(req offline.Request) (offline.Call, error) {
	call, err := s.Gateway.Prepare(req)
	if err != nil {
		return nil, err
	}
	c := crooked{Call: call, s: s, op: req.Op}
	if s.eager {
		c.early = make(chan offline.Outcome, 1)
		go func() { c.early <- call.Send(context.Background()) }()
	}
	return c, nil
}

type crooked struct {
	offline.Call
	s     saboteur
	op    offline.Op
	early chan offline.Outcome
}

func (c crooked) Send(ctx context.Context) offline.Outcome {
	var o offline.Outcome
	if c.early != nil {
		o = <-c.early
	} else {
		o = c.Call.Send(ctx)
	}
	if c.s.lie != nil {
		o = c.s.lie(c.op, o)
	}
	return o
}

// taking makes one kind of outcome of an operation pass for another.
func taking(op offline.Op, from, to offline.OutcomeKind) func(offline.Op, offline.Outcome) offline.Outcome {
	return func(o offline.Op, out offline.Outcome) offline.Outcome {
		if o == op && out.Kind == from {
			out.Kind = to
		}
		return out
	}
}

// A matrix that nothing can fail proves nothing: an agent that is wrong in one
// point is noticed.
func TestTheMatrixNoticesAFalseAgent(t *testing.T) {
	rows := []struct {
		name      string
		s         saboteur
		scenarios string
		says      string
	}{
		{"sends before its intent is durable", saboteur{eager: true}, "paid", "the journal does not know"},
		{"takes silence for a refusal", saboteur{lie: taking(offline.OpPay, offline.NoAnswer, offline.Failure)}, "silent drop", "lost"},
		{"takes not found for a refusal", saboteur{lie: taking(offline.OpQuery, offline.NotFound, offline.Failure)}, "not_exist_once", "lost"},
		{"takes an unclear cancel for a good one", saboteur{lie: taking(offline.OpCancel, offline.NoAnswer, offline.Success)}, "cancel_window query_other_amount cancel_paid_lost", ""},
		{"takes a refused cancel for a good one", saboteur{lie: taking(offline.OpCancel, offline.TooLate, offline.Success)}, "cancel_window", "lost"},
		{"takes an unknown refund for a refused one", saboteur{lie: taking(offline.OpRefund, offline.InProcess, offline.Failure)}, "refund_done_unknown", "lost"},
		{"takes silence for success", saboteur{lie: taking(offline.OpPay, offline.NoAnswer, offline.Success)}, "silent_unpaid", "was taken"},
	}
	keys := keysFor(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var found []string
			for name := range strings.FieldsSeq(row.scenarios) {
				sc, ok := sandbox.Lookup(name)
				if !ok {
					t.Fatalf("no scenario %q", name)
				}
				pl := plots()[0]
				if strings.HasPrefix(name, "refund") {
					pl = plots()[3]
				}
				set := func(st *stage) {
					inMemory(st)
					if row.s.eager {
						st.slow = time.Millisecond // what is eager comes first
					}
					st.wrap = func(g offline.Gateway) offline.Gateway {
						row.s.Gateway = g
						return row.s
					}
				}
				for n := range 4 {
					found = append(found, run(t, keys, shortPolicy(), set, sc, pl, point{beforeWrite, n}).faults...)
				}
			}
			if all := strings.Join(found, "\n"); len(found) == 0 || !strings.Contains(all, row.says) {
				t.Errorf("not noticed; found: %s", all)
			}
		})
	}
}
