package offlinetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"posagent/offline"
)

// Model plays one sale at one till against a world that loses, delays, doubles
// and forges messages, kills the process at every durable write and network
// point, sets its clock, and lets people cancel, ask again and refund at random.
// The till follows the real Next, NextRefund and Sale.Apply in the order of
// commits and messages that the engine has, without goroutines: a run takes
// about a tenth of a millisecond, so that a million of them are a test.
//
// It proves the rules, not the engine: the crash matrix does that.
type Model struct {
	Policy offline.Policy
	Rules  func() Rules // made anew for every run
	Check  bool         // judge every commit by CheckInvariants; slower
	Trace  func(string) // tells the run's story, if set
}

// Report is what one run came to.
type Report struct {
	Seed       uint64
	Violations []Violation
	State      offline.SaleState // shown at the end
	Refused    bool              // the gateway never confirmed a cancel, or answered another amount
	Commits    int
	Messages   int
	Crashes    int
	Turns      int
	Took       time.Duration // of the world's time
}

// Violation is a broken promise.
type Violation struct {
	Promise string // one of the promises
	Text    string
}

// The promises.
const (
	PromiseMoney    = "what is shown is what the customer's money did"
	PromiseOnce     = "nobody is charged twice"
	PromiseRest     = "nothing is forgotten: every sale comes to rest"
	PromiseIntent   = "I1: no message without its committed intent"
	PromisePay      = "I3: only the run that read the code pays"
	PromiseGuard    = "every fact that the rules decide on is accepted"
	PromiseInvarian = "I2 to I5, I8, I9: see CheckInvariants"
)

// till is the machine at the checkout: what is durable, and what dies with the
// process.
type till struct {
	Model
	rules   Rules
	w       *world
	rep     *Report
	flights []flight

	sale   offline.Sale // durable
	boot   offline.BootID
	boots  int
	skew   time.Duration // the till's clock minus the true time
	ids    int
	jobs   []*job
	crash  []int // points at which the process dies, counted down
	dead   bool  // it died in this turn
	points int

	people *people
}

// job is a driver: one payment or refund that this run takes to its end.
type job struct {
	payment offline.MerchantTransID
	refund  offline.RefundID
	code    int
	scanned time.Duration
	open    map[int]bool // attempts under way
	wake    time.Duration
	waits   bool // wake is set
	asked   bool // a person wants one more question
	failed  bool
}

// done is an answer to be committed.
type done struct {
	attempt int
	outcome offline.Outcome
}

// Run plays the run of a seed.
func (m Model) Run(seed uint64) Report {
	r := rand.New(rand.NewPCG(seed, 0x6f66666c696e65))
	w := &world{
		r: r, mood: newMood(r), start: startOf(r),
		trades: map[offline.MerchantTransID]*trade{}, spent: map[int]offline.MerchantTransID{},
	}
	t := &till{Model: m, rules: m.Rules(), w: w, rep: &Report{Seed: seed}, boot: "run-0", people: newPeople(r)}
	t.rep.Refused = w.mood.stubborn || w.mood.otherSum
	t.crash = crashPoints(r)
	t.note("mood %+v", w.mood)
	t.play()
	t.judge()
	t.rep.Took = w.now
	return *t.rep
}

// startOf is mostly in the middle of a business day, and sometimes near the
// moment when cancels stop working.
func startOf(r *rand.Rand) time.Time {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, offline.Beijing)
	if r.IntN(4) == 0 {
		return noon.Add(11*time.Hour + time.Duration(r.IntN(75*60))*time.Second)
	}
	return noon
}

// crashPoints says at which points the process dies: at none, one, two, or many.
func crashPoints(r *rand.Rand) []int {
	var out []int
	switch r.IntN(4) {
	case 0:
		return nil
	case 1:
		out = []int{r.IntN(60)}
	case 2:
		out = []int{r.IntN(20), r.IntN(40)}
	default:
		for range 2 + r.IntN(8) {
			out = append(out, r.IntN(12))
		}
	}
	return out
}

func (t *till) note(format string, args ...any) {
	if t.Trace != nil {
		t.Trace(fmt.Sprintf("%10s  ", t.w.now.Round(time.Millisecond)) + fmt.Sprintf(format, args...))
	}
}

func (t *till) violate(promise, format string, args ...any) {
	v := Violation{Promise: promise, Text: fmt.Sprintf(format, args...)}
	t.note("VIOLATION of %q: %s", v.Promise, v.Text)
	t.rep.Violations = append(t.rep.Violations, v)
}

// clock is what the till believes the time to be.
func (t *till) clock() time.Time { return t.w.start.Add(t.w.now + t.skew) }

// turnLimit is more turns than any sane run takes.
const turnLimit = 3000

// play goes from event to event until nothing is left to happen.
func (t *till) play() {
	t.open()
	for t.rep.Turns < turnLimit && t.next() {
		if t.dead {
			t.reboot()
		}
	}
	if t.rep.Turns >= turnLimit {
		t.violate(PromiseRest, "no rest after %d turns", turnLimit)
	}
}

// next lets the earliest event happen: a message arrives, a wait ends, a person
// acts. It tells whether there was one.
func (t *till) next() bool {
	at, act := t.people.next(t)
	for i := range t.flights {
		if f := &t.flights[i]; act == nil || f.at < at {
			at, act = f.at, func() { t.land(i) }
		}
	}
	for _, j := range t.jobs {
		if j.waits && (act == nil || j.wake < at) {
			at, act = j.wake, func() { t.turn(j, nil) }
		}
	}
	if act == nil {
		return false
	}
	t.w.now = max(t.w.now, at)
	act()
	return true
}

// land takes one flight to its end.
func (t *till) land(i int) {
	f := t.flights[i]
	t.flights[i] = t.flights[len(t.flights)-1]
	t.flights = t.flights[:len(t.flights)-1]
	if f.request != nil {
		back, ok := t.w.arrive(f)
		t.onlyOnce()
		t.note("gateway gets %s of %s%s", f.request.op, f.request.trans, f.request.refund)
		if ok {
			t.flights = append(t.flights, back)
		}
		return
	}
	if f.job.open[f.attempt] {
		t.turn(f.job, &done{f.attempt, t.rules.Believe(f.op, f.reply.claim, f.reply.forged)})
	}
}

// point is a moment at which the process may die.
func (t *till) point(where string) bool {
	for i, n := range t.crash {
		if n == t.points {
			t.crash[i] = -1
			t.dead = true
			t.note("dies %s", where)
		}
	}
	t.points++
	return t.dead
}

// reboot starts a new run on what is durable: answers under way are gone, the
// clock may show something else, and every unsettled payment gets its driver.
func (t *till) reboot() {
	t.rep.Crashes++
	t.dead, t.points = false, 0
	kept := t.flights[:0]
	for _, f := range t.flights {
		if f.request != nil {
			f.lost = true // whoever listened is dead
			kept = append(kept, f)
		}
	}
	t.flights = kept
	t.w.now += t.people.downtime(t.w)
	t.skew = t.people.clockAfterBoot(t.w, t.skew)
	t.boots++
	t.boot = offline.BootID("run-" + itoa(t.boots))
	t.jobs = nil
	t.note("run %s, clock %s off", t.boot, t.skew)
	sale := t.sale.SeenBy(t.boot)
	if sale.ID != "" && sale.Boot != t.boot && awaitsCode(&sale) {
		t.commit(offline.Write{SaleID: sale.ID, EndSale: &offline.SaleEnd{At: t.clock(), Reason: offline.SaleRestarted}}, nil)
	}
	for i := range sale.Payments {
		if p := &sale.Payments[i]; p.End == nil && !t.dead {
			t.turn(t.drive(p.ID, "", 0), nil)
		}
	}
	for i := range sale.Refunds {
		if r := &sale.Refunds[i]; r.End == nil && !t.dead {
			t.turn(t.drive(r.Payment, r.ID, 0), nil)
		}
	}
	if t.dead {
		t.reboot()
	}
}

// drive is the driver of a payment or refund, which may be there already.
func (t *till) drive(payment offline.MerchantTransID, refund offline.RefundID, code int) *job {
	for _, j := range t.jobs {
		if j.payment == payment && j.refund == refund {
			return j
		}
	}
	j := &job{payment: payment, refund: refund, code: code, scanned: t.w.now, open: map[int]bool{}}
	t.jobs = append(t.jobs, j)
	return j
}

func awaitsCode(s *offline.Sale) bool {
	return s.End == nil && (len(s.Payments) == 0 || s.CanRescan())
}
