package offlinetest

import (
	"math/rand/v2"
	"time"

	"posagent/offline"
)

// world is the truth that the till cannot see: which trades the gateway holds,
// whose money it took and returned, and how it likes to answer. Times are counted
// from the start of a run; the till's own clock may show anything.
type world struct {
	r      *rand.Rand
	mood   mood
	start  time.Time
	now    time.Duration
	trades map[offline.MerchantTransID]*trade
	spent  map[int]offline.MerchantTransID // payment codes that were charged, or refused for good
	nextID int
}

// mood is how the gateway behaves in one run. The gateway of every run keeps the
// protocol's promises; within them it is as awkward as the documents allow.
type mood struct {
	storm      time.Duration // after this the network and the gateway behave
	sluggish   bool          // messages take seconds
	crossing   bool          // cancels overtake pays, and their answers come later than those to the pays
	codeLife   time.Duration // a payment code older than this is refused
	unknown    float64       // share of messages answered U
	undecided  float64       // share of pays that wait for the customer
	refusing   float64       // share of pays refused
	blindness  time.Duration // a new trade is not found by queries for so long
	tombstones bool          // a cancel of a trade that never came bars it for ever
	actions    bool          // a cancel's answer says what it did
	loose      bool          // ... and says "closed" of a trade that never came
	stubborn   bool          // every cancel is answered U, done or not, for ever
	refusal    float64       // share of cancels refused
	otherSum   bool          // the gateway holds another amount than was asked
	forging    float64       // share of answers that somebody else made up
	generous   bool          // refunds are not checked against what was paid
	failKept   bool          // a refused pay is remembered as failed; otherwise it is not found
}

// trade is one merchantTransId as the gateway holds it.
type trade struct {
	id       offline.AcquirementID
	state    tradeState
	born     time.Duration
	settles  time.Duration // waiting: when the customer decides, or time runs out
	agrees   bool          // ... and what comes of it
	asked    int64
	charged  int64
	charges  int
	returned int64 // by cancel
	refunds  map[offline.RefundID]int64
	refunded int64
}

type tradeState string

const (
	tradeWaiting   tradeState = "WAIT_BUYER_PAY"
	tradePaid      tradeState = "SUCCESS"
	tradeClosed    tradeState = "CLOSED"
	tradeFailed    tradeState = "FAIL"
	tradeTombstone tradeState = "NEVER" // cancelled before it came; not found by queries
)

// net is what the customer has lost to this trade.
func (t *trade) net() int64 { return t.charged - t.returned - t.refunded }

// request is one message as it reaches the gateway.
type request struct {
	op      offline.Op
	trans   offline.MerchantTransID
	amount  int64
	code    int
	scanned time.Duration
	refund  offline.RefundID
	value   int64
}

// reply is what comes back: a claim, and whether the gateway really signed it.
type reply struct {
	claim  offline.Outcome
	forged bool
}

func newMood(r *rand.Rand) mood {
	m := mood{
		storm:      time.Duration(20+r.IntN(120)) * time.Minute,
		codeLife:   time.Duration(60+r.IntN(120)) * time.Second,
		tombstones: r.IntN(3) == 0,
		actions:    r.IntN(2) == 0,
		loose:      r.IntN(2) == 0,
		failKept:   r.IntN(2) == 0,
		generous:   r.IntN(2) == 0,
		stubborn:   r.IntN(40) == 0,
		otherSum:   r.IntN(50) == 0,
		sluggish:   r.IntN(8) == 0,
		crossing:   r.IntN(8) == 0,
		undecided:  0.1,
		refusing:   0.1,
	}
	if r.IntN(2) == 0 {
		m.unknown = 0.4 * r.Float64()
	}
	if r.IntN(3) == 0 {
		m.undecided = 0.6
	}
	if r.IntN(3) == 0 {
		m.blindness = time.Duration(r.IntN(30_000)) * time.Millisecond
	}
	if r.IntN(10) == 0 {
		m.refusal = 0.3
	}
	if r.IntN(10) == 0 {
		m.forging = 0.2
	}
	return m
}

func (w *world) chance(p float64) bool { return p > 0 && w.r.Float64() < p }

func (w *world) between(low, high time.Duration) time.Duration {
	return low + time.Duration(w.r.Int64N(int64(high-low)+1))
}

func (w *world) stormy() bool { return w.now < w.mood.storm }

// doubtful tells whether the gateway answers this message with U.
func (w *world) doubtful() bool { return w.stormy() && w.chance(w.mood.unknown) }

// receive does what a request asks, whoever still waits for the answer.
func (w *world) receive(q request) reply {
	t := w.trades[q.trans]
	if t != nil {
		w.settle(t)
	}
	var o offline.Outcome
	switch q.op {
	case offline.OpPay:
		o = w.pay(q, t)
	case offline.OpQuery:
		o = w.query(t)
	case offline.OpCancel:
		o = w.cancel(q, t)
	case offline.OpRefund:
		o = w.refund(q, t)
	}
	if w.stormy() && w.chance(w.mood.forging) {
		return reply{claim: w.lie(q), forged: true}
	}
	return reply{claim: o}
}

// settle lets time decide about a trade that waits for the customer.
func (w *world) settle(t *trade) {
	if t.state != tradeWaiting || w.now < t.settles {
		return
	}
	t.state = tradeClosed
	if t.agrees {
		w.charge(t)
	}
}

func (w *world) charge(t *trade) {
	t.state = tradePaid
	t.charged += t.asked
	t.charges++
}

func answerU(code string) offline.Outcome {
	return offline.Outcome{Kind: offline.InProcess, ResultStatus: "U", ResultCode: code}
}

func answerF(kind offline.OutcomeKind, code string, class offline.ReasonClass) offline.Outcome {
	return offline.Outcome{Kind: kind, ResultStatus: "F", ResultCode: code, Class: class}
}

// pay charges a code, once for each merchantTransId: the same id again gets the
// true current state.
func (w *world) pay(q request, t *trade) offline.Outcome {
	if t != nil {
		return w.paidBefore(t)
	}
	if w.stormy() && w.chance(w.mood.unknown/2) {
		return answerU("SYSTEM_ERROR") // and nothing was done
	}
	owner, spent := w.spent[q.code]
	if w.now-q.scanned > w.mood.codeLife || spent && owner != q.trans {
		return w.refuse(q, answerF(offline.Failure, "INVALID_CODE", offline.ClassRescan))
	}
	w.spent[q.code] = q.trans
	if w.chance(w.mood.refusing) {
		return w.refuse(q, answerF(offline.Failure, "BALANCE_NOT_ENOUGH", offline.ClassTopUp))
	}
	t = w.open(q)
	if w.chance(w.mood.undecided) {
		t.settles = w.now + w.between(time.Second, 3*time.Minute)
		t.agrees = w.r.IntN(4) > 0
		o := answerU("PAYMENT_IN_PROCESS")
		o.Confirm = true
		o.AcquirementID = w.nameOf(t)
		return w.sum(t, o)
	}
	w.charge(t)
	if w.doubtful() {
		return answerU("UNKNOWN_EXCEPTION") // although the money was taken
	}
	return w.sum(t, offline.Outcome{Kind: offline.Success, ResultStatus: "S", ResultCode: "SUCCESS", AcquirementID: t.id})
}

func (w *world) open(q request) *trade {
	w.nextID++
	t := &trade{
		id: offline.AcquirementID("ACQ-" + itoa(w.nextID)), state: tradeWaiting, born: w.now,
		asked: q.amount, refunds: map[offline.RefundID]int64{},
	}
	if w.mood.otherSum {
		t.asked += 100
	}
	w.trades[q.trans] = t
	return t
}

// nameOf is the trade's id, which an unfinished trade's answer may leave out.
func (w *world) nameOf(t *trade) offline.AcquirementID {
	if w.r.IntN(2) == 0 {
		return ""
	}
	return t.id
}

// refuse is a definitive no, remembered so that a copy of the request which
// arrives later gets the same word.
func (w *world) refuse(q request, o offline.Outcome) offline.Outcome {
	t := w.open(q)
	t.state = tradeFailed
	return o
}

func (w *world) paidBefore(t *trade) offline.Outcome {
	switch t.state {
	case tradePaid:
		return w.sum(t, offline.Outcome{Kind: offline.Success, ResultStatus: "S", AcquirementID: t.id})
	case tradeWaiting:
		o := answerU("PAYMENT_IN_PROCESS")
		o.Confirm, o.AcquirementID = true, w.nameOf(t)
		return o
	case tradeFailed:
		return answerF(offline.Failure, "INVALID_CODE", offline.ClassRescan)
	case tradeClosed, tradeTombstone:
	}
	// The adapter does not take "already closed" for a refusal: a query decides.
	return answerF(offline.InProcess, "ORDER_IS_CLOSED", "")
}

// sum turns the answer about a trade that the gateway holds with another amount
// into what the adapter makes of it.
func (w *world) sum(t *trade, o offline.Outcome) offline.Outcome {
	if !w.mood.otherSum {
		return o
	}
	return offline.Outcome{
		Kind: offline.NoAnswer, ResultStatus: o.ResultStatus, ResultCode: o.ResultCode, AcquirementID: t.id,
		Anomaly: offline.OtherAmount, Detail: "another amount",
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
