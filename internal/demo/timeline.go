package demo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

// timeline prints what happened, in the order in which it happened: sources
// report with different delays, so lines are held back for a moment and sorted.
type timeline struct {
	out   io.Writer
	begun time.Time

	mu    sync.Mutex
	held  []entry
	facts map[string]bool   // intents and outcomes already told
	title map[string]string // what the cashier last saw, by sale
}

type entry struct {
	at   time.Time
	text string
}

func newTimeline(out io.Writer) *timeline {
	return &timeline{out: out, begun: time.Now(), facts: map[string]bool{}, title: map[string]string{}}
}

func (t *timeline) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

func (t *timeline) prologue(s *stage) {
	t.say("posagent demo: a simulated gateway, a virtual scanner on a real pseudo-terminal, the real daemon.")
	t.say("No money moves. Waits are shortened; everything else is as in production.")
	t.say("")
	t.say("  scanner   what the customer's phone showed (masked)")
	t.say("  journal   what was made durable on the disk")
	t.say("  gateway   what arrived there, and its answer")
	t.say("  cashier   what the cashier reads")
}

func (t *timeline) act(number int, a act) {
	t.flush()
	t.say("\n%2d. %s (%s)", number, a.title, a.amount)
}

func (t *timeline) verdict(ok bool, text string) {
	t.flush()
	mark := "    ok: "
	if !ok {
		mark = "    DIFFERENT: "
	}
	t.say("%s%s", mark, text)
}

func (t *timeline) epilogue(s *stage, acts int) {
	var charged, back int
	for _, e := range s.shop.Gateway.Ledger().Entries() {
		if e.Kind == sandbox.Charge {
			charged++
		} else {
			back++
		}
	}
	t.say("\nAll %d acts ended as they should. The gateway's ledger: %d charges, %d times money went back,", acts, charged, back)
	t.say("nobody charged twice, no charge forgotten. The daemon was killed once on the way.")
	t.say("\nNext: README.md shows how to start the gateway and the daemon by hand and to pay with curl.")
}

func (t *timeline) hold(at time.Time, who, format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held = append(t.held, entry{at, fmt.Sprintf("  %7.3f  %-8s  %s", at.Sub(t.begun).Seconds(), who, fmt.Sprintf(format, args...))})
}

// flush prints what is held back, sorted.
func (t *timeline) flush() {
	pause(context.Background(), 100*time.Millisecond) // the event stream may be a moment behind
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortStableFunc(t.held, func(a, b entry) int { return a.at.Compare(b.at) })
	for _, e := range t.held {
		fmt.Fprintln(t.out, e.text)
	}
	t.held = nil
}

func (t *timeline) scanner(label string) {
	t.hold(time.Now(), "scanner", "reads %s", offline.MaskCode(label))
}

func (t *timeline) cashier(does string) { t.hold(time.Now(), "cashier", "%s", does) }

func (t *timeline) note(format string, args ...any) {
	t.hold(time.Now(), "--------", format, args...)
}

func (t *timeline) notice(n wire.Notice) {
	t.hold(n.At, "cashier", "sees: %s. %s", n.Title, n.Action)
}

func (t *timeline) wire(c sandbox.Call) {
	var what strings.Builder
	fmt.Fprintf(&what, "%-6s %s", c.Op, short(string(c.MerchantTransID)))
	if c.Amount != nil {
		fmt.Fprintf(&what, " %s", c.Amount)
	}
	if c.Code != "" {
		fmt.Fprintf(&what, " code %s", c.Code)
	}
	fmt.Fprintf(&what, " -> %s %s", c.Answer.Status, c.Answer.Code)
	if c.TradeStatus != "" {
		fmt.Fprintf(&what, " (%s)", c.TradeStatus)
	}
	if c.Fault != "" {
		fmt.Fprintf(&what, ", and then: %s", c.Fault)
	}
	t.hold(c.At, "gateway", "%s", what.String())
}

// short keeps the part of an id that tells it apart.
func short(id string) string {
	if i := strings.LastIndexByte(id, '-'); i >= 0 {
		return "..." + id[i:]
	}
	return id
}

// sale tells what became durable since the sale was last seen, and what the
// cashier now reads.
func (t *timeline) sale(s wire.Sale) {
	var all []wire.Attempt
	for _, p := range s.Payments {
		all = append(all, p.Attempts...)
	}
	for _, r := range s.Refunds {
		all = append(all, r.Attempts...)
	}
	for _, a := range all {
		if t.first(a.ReqMsgID + " begun") {
			t.hold(a.At, "journal", "%s: intent to %s", s.SaleID, a.Op)
		}
		if a.FinishedAt != nil && t.first(a.ReqMsgID+" finished") {
			t.hold(*a.FinishedAt, "journal", "%s: %s %s %s", s.SaleID, a.Op, a.Outcome, a.ResultCode)
		}
	}
	t.mu.Lock()
	before := t.title[s.SaleID]
	t.title[s.SaleID] = s.Message.Title
	t.mu.Unlock()
	if s.Message.Title != before {
		t.hold(s.UpdatedAt, "cashier", "sees: %s. %s", s.Message.Title, s.Message.Money)
	}
}

// first tells whether a fact is told for the first time.
func (t *timeline) first(fact string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.facts[fact] {
		return false
	}
	t.facts[fact] = true
	return true
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
