package offline_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"posagent/offline"
	"posagent/offline/offlinetest"
)

// choices are the decisions of whoever tells the story: random ones of a seed,
// or the bytes of a fuzz engine.
type choices interface{ pick(n int) int }

type seeded struct{ r *rand.Rand }

func (s seeded) pick(n int) int { return s.r.IntN(n) }

func seed(n uint64) choices { return seeded{rand.New(rand.NewPCG(n, 0x706f73))} }

type script struct{ data []byte }

func (s *script) pick(n int) int {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return int(b) % n
}

func (s *script) empty() bool { return len(s.data) == 0 }

// chaos makes writes of which many are illegal: facts of every kind, in any
// order, about payments that exist or not.
type chaos struct {
	choices
	sale offline.Sale
	now  time.Time
	boot offline.BootID
	msgs int
	log  []offline.Write // accepted ones
}

func newChaos(c choices) *chaos { return &chaos{choices: c, now: noon, boot: firstRun} }

// anyOf is one of the values; the kind of a story where nothing is out of bounds.
func anyOf[T any](c choices, list ...T) T { return list[c.pick(len(list))] }

var everyOutcome = []offline.Outcome{
	success, asked, refused, staleCode, failed, closed, unknown, waiting, confirm, notFound, noAnswer, notSent, tooLate, misfit,
	cancelled, undoClosed, undoPaid, otherSum,
}

func (c *chaos) fact(attempts int) offline.Fact {
	f := offline.Fact{At: c.now, Kind: anyOf[offline.FactKind](c, offline.FactBegun, offline.FactFinished, offline.FactBegun, offline.FactFinished,
		offline.FactFinished, offline.FactCancelAsked, offline.FactReversal, offline.FactParked, offline.FactResolved, offline.FactEnded, "forgotten")}
	switch f.Kind {
	case offline.FactBegun:
		c.msgs++
		f.Attempt, f.Op, f.Boot = attempts+1, anyOf(c, offline.OpPay, offline.OpQuery, offline.OpCancel, offline.OpRefund), c.boot
		f.ReqMsgID = offline.ReqMsgID(fmt.Sprint("msg-", c.msgs))
	case offline.FactFinished:
		o := anyOf(c, everyOutcome...)
		f.Attempt, f.Outcome = 1+c.pick(attempts+1), &o
	case offline.FactReversal, offline.FactParked:
		f.Reason = anyOf(c, offline.ReasonAsked, offline.ReasonCancelTooLate, offline.ReasonLateSuccess, offline.ReasonOtherAmount)
	case offline.FactEnded:
		f.Result = anyOf(c, offline.ResultPaid, offline.ResultDeclined, offline.ResultCancelled, offline.ResultRefunded)
		f.How = anyOf[offline.How](c, "", offline.HowUnsent, offline.HowClosed, offline.HowReturned, offline.HowEither, offline.HowRefunded, offline.HowPerson)
	case offline.FactCancelAsked, offline.FactResolved:
	}
	return f
}

func (c *chaos) write() offline.Write {
	w := offline.Write{SaleID: "R-1"}
	if c.sale.ID == "" || c.pick(50) == 0 {
		w.NewSale = &offline.SaleHead{ID: "R-1", Amount: hkd100, CreatedAt: c.now, Boot: c.boot, CodeGiven: c.pick(8) == 0}
	}
	switch c.pick(12) {
	case 0:
		w.EndSale = &offline.SaleEnd{At: c.now, Reason: anyOf(c, offline.SaleExpired, offline.SaleCancelled, offline.SaleRestarted)}
	case 1, 2:
		id := offline.MerchantTransID(fmt.Sprint("P-", c.pick(4)))
		w.Payments = []offline.PaymentWrite{{ID: id, New: &offline.PaymentHead{ID: id, Amount: hkd100, CreatedAt: c.now, Boot: c.boot}}}
		w.Payments[0].Facts = c.facts(0)
	case 3:
		id := offline.RefundID(fmt.Sprint("F-", c.pick(4)))
		head := &offline.RefundHead{ID: id, Amount: offline.Money{Currency: "HKD", Value: int64(c.pick(4)) * 3000}, CreatedAt: c.now}
		if p := c.sale.Deciding(); p != nil {
			head.Payment = p.ID
		}
		w.Refunds = []offline.RefundWrite{{ID: id, New: head, Facts: c.facts(0)}}
	case 4, 5:
		if len(c.sale.Refunds) > 0 {
			r := anyOf(c, c.sale.Refunds...)
			w.Refunds = []offline.RefundWrite{{ID: r.ID, Facts: c.facts(len(r.Attempts))}}
		}
	default:
		if len(c.sale.Payments) > 0 {
			p := c.sale.Payments[len(c.sale.Payments)-1]
			if c.pick(10) == 0 {
				p = anyOf(c, c.sale.Payments...)
			}
			w.Payments = []offline.PaymentWrite{{ID: p.ID, Facts: c.facts(len(p.Attempts))}}
		}
	}
	return w
}

func (c *chaos) facts(attempts int) []offline.Fact {
	var out []offline.Fact
	for range 1 + c.pick(2) {
		f := c.fact(attempts)
		if f.Kind == offline.FactBegun {
			attempts++
		}
		out = append(out, f)
	}
	return out
}

// step tries one write and checks everything that must hold whatever comes.
func (c *chaos) step() error {
	switch c.pick(12) {
	case 0:
		c.boot += "+"
	case 1, 2, 3:
		c.now = c.now.Add(anyOf(c, time.Millisecond, time.Second, 5*time.Second, time.Minute, 13*time.Hour, -time.Hour))
	}
	w := c.write()
	before := deepCopy(c.sale)
	after, err := c.sale.Apply(w)
	if diff := cmp.Diff(before, deepCopy(c.sale)); diff != "" {
		return fmt.Errorf("Apply changed its receiver (-before +after):\n%s", diff)
	}
	if err != nil {
		if !refusal(err) {
			return fmt.Errorf("refused with an error of no kind: %w", err)
		}
		return nil
	}
	if want, got := statesOf(c.sale.SeenBy(c.boot)), statesOf(after.SeenBy(c.boot).Before(w)); w.NewSale == nil && got != want && !replaces(c.sale, w) {
		return fmt.Errorf("before the write the states were %s, told as %s", want, got)
	}
	if err := offlinetest.CheckInvariants(c.sale, after); err != nil {
		return fmt.Errorf("accepted %+v, but %w", w, err)
	}
	c.sale, c.log = after, append(c.log, w)
	_ = offline.Describe(after, w)
	return c.nextIsTotal()
}

func refusal(err error) bool {
	for _, known := range []error{
		offline.ErrIllegal, offline.ErrFinal, offline.ErrRefundTooMuch, offline.ErrNotPaid, offline.ErrAmount, offline.ErrCurrency,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// nextIsTotal: every payment and refund that Apply can make has a step, the same
// one for the same input, and facts follow each other only a few at a time, each
// of them accepted.
func (c *chaos) nextIsTotal() error {
	for _, boot := range []offline.BootID{c.boot, "another run"} {
		for _, p := range c.sale.Payments {
			if err := c.follow(boot, func(s offline.Sale) (offline.Step, func(offline.Fact) offline.Write) {
				p := s.Payment(p.ID).SeenBy(boot)
				return offline.Next(p, c.now, offline.DefaultPolicy()), func(f offline.Fact) offline.Write {
					return offline.Write{SaleID: "R-1", Payments: []offline.PaymentWrite{{ID: p.ID, Facts: []offline.Fact{f}}}}
				}
			}); err != nil {
				return fmt.Errorf("payment %s, %s: %w", p.ID, offline.DeriveState(p.SeenBy(boot)), err)
			}
		}
		for _, r := range c.sale.Refunds {
			if err := c.follow(boot, func(s offline.Sale) (offline.Step, func(offline.Fact) offline.Write) {
				r := s.Refund(r.ID).SeenBy(boot)
				return offline.NextRefund(r, s.Payment(r.Payment).SeenBy(boot), c.now, offline.DefaultPolicy()), func(f offline.Fact) offline.Write {
					return offline.Write{SaleID: "R-1", Refunds: []offline.RefundWrite{{ID: r.ID, Facts: []offline.Fact{f}}}}
				}
			}); err != nil {
				return fmt.Errorf("refund %s, %s: %w", r.ID, r.State(), err)
			}
		}
	}
	return nil
}

func (c *chaos) follow(boot offline.BootID, decide func(offline.Sale) (offline.Step, func(offline.Fact) offline.Write)) error {
	s := c.sale
	for range 4 {
		step, write := decide(s)
		if again, _ := decide(s); stepDiff(again, step) != "" {
			return fmt.Errorf("decides %s, then %s", stepString(step), stepString(again))
		}
		var f offline.Fact
		switch step.Kind {
		case offline.StepIdle:
			return nil
		case offline.StepWait:
			if !step.Until.IsZero() && !step.Until.After(c.now) {
				return fmt.Errorf("waits until %s, which is over at %s", step.Until, c.now)
			}
			return nil
		case offline.StepRecord:
			f = step.Fact
		case offline.StepSend:
			f = offline.Fact{Kind: offline.FactBegun, At: c.now, Op: step.Op, ReqMsgID: "probe", Boot: boot}
			f.Attempt = attemptsOf(s, write(f)) + 1
		default:
			return fmt.Errorf("step without a kind: %+v", step)
		}
		after, err := s.Apply(write(f))
		if err != nil {
			return fmt.Errorf("decides %s, which is refused: %w", stepString(step), err)
		}
		if err := offlinetest.CheckInvariants(s, after); err != nil {
			return fmt.Errorf("decides %s: %w", stepString(step), err)
		}
		if step.Kind == offline.StepSend {
			return nil
		}
		s = after
	}
	return errors.New("more than four facts follow each other")
}

func attemptsOf(s offline.Sale, w offline.Write) int {
	if len(w.Refunds) > 0 {
		return len(s.Refund(w.Refunds[0].ID).Attempts)
	}
	return len(s.Payment(w.Payments[0].ID).Attempts)
}

func TestAnyOrderOfFactsKeepsTheInvariants(t *testing.T) {
	runs, accepted, states := 500, 0, map[offline.SaleState]int{}
	if testing.Short() {
		runs = 200
	}
	for n := range runs {
		c := newChaos(seed(uint64(n)))
		for i := range 60 {
			if err := c.step(); err != nil {
				t.Fatalf("seed %d, step %d: %v", n, i, err)
			}
			seen := c.sale.SeenBy(c.boot)
			states[seen.State()]++
		}
		accepted += len(c.log)
		st := facts(t, c.log)
		if len(c.log) == 0 {
			continue
		}
		back, err := offline.Restore(st)
		if err != nil {
			t.Fatalf("seed %d: what was accepted cannot be restored: %v", n, err)
		}
		if diff := cmp.Diff(deepCopy(c.sale), deepCopy(back)); diff != "" {
			t.Fatalf("seed %d: (-committed +restored):\n%s", n, diff)
		}
	}
	for _, s := range offline.SaleStates() {
		if states[s] == 0 {
			t.Errorf("no story ever came to %s: the chaos proves too little", s)
		}
	}
	if accepted < runs*3 {
		t.Errorf("%d writes of %d runs were accepted: the chaos proves too little", accepted, runs)
	}
}

func FuzzAnyOrderOfFactsKeepsTheInvariants(f *testing.F) {
	for n := range uint64(8) {
		r := rand.New(rand.NewPCG(n, 1))
		data := make([]byte, 240)
		for i := 0; i < len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], r.Uint64())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &script{data: data[:min(len(data), 600)]}
		c := newChaos(s)
		for !s.empty() {
			if err := c.step(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
