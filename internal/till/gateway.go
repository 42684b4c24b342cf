package till

import (
	"time"

	"posagent/internal/health"
	"posagent/offline"
)

// GatewayState says how the last messages to the gateway went. The words are
// part of the local API.
type GatewayState string

// The states of the gateway.
const (
	GatewayUnknown     GatewayState = "unknown"     // nothing was sent yet
	GatewayOK          GatewayState = "ok"          // the last message got a verified answer
	GatewayUnreachable GatewayState = "unreachable" // the last message got none
	GatewaySetup       GatewayState = "setup_fault" // it refuses this terminal's messages
)

// Gateway is what the engine's messages tell about the gateway. No message is
// sent to find it out.
type Gateway struct {
	State      GatewayState
	Since      time.Time     // of the state; zero while unknown
	LastAnswer time.Time     // newest verified answer; zero: none
	LastTook   time.Duration // from sending it to that answer
	LastError  string        // newest fault, for store IT; "" while there was none
	LastErrAt  time.Time
}

type gateway struct {
	Gateway
	misses int // messages in a row without a believable answer
}

// alarming is how many messages in a row must go unanswered before people are told.
const alarming = 2

// RecordAttempt takes in the outcome of one message; it is made for
// offline.Config.OnAttempt and returns at once. A message that the gateway
// refuses because this terminal is wrongly set up stops selling until a message
// gets a proper answer again: every further customer would be refused as well.
func (t *Till) RecordAttempt(op offline.Op, o offline.Outcome, took time.Duration) {
	setup := o.Class == offline.ClassSetup &&
		(o.Kind == offline.Refused || o.Kind == offline.NotSent || o.Kind == offline.Failure && op == offline.OpPay)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	g := &t.gateway
	switch {
	case setup:
		g.enter(GatewaySetup, now)
		g.fault(o, now)
		t.opt.Health.Set(setupWarning(o))
	case o.Verified():
		g.enter(GatewayOK, now)
		g.misses, g.LastAnswer, g.LastTook = 0, now, took
		if o.Class != offline.ClassSetup {
			t.opt.Health.Clear(WarnGatewaySetup)
		}
		t.opt.Health.Clear(WarnGatewayAway)
	default:
		g.misses++
		if g.State != GatewaySetup {
			g.enter(GatewayUnreachable, now)
		}
		g.fault(o, now)
		if g.misses >= alarming {
			t.opt.Health.Set(health.Warning{
				Code: WarnGatewayAway, Severity: health.Warn, Title: "No valid answer from the gateway",
				Text:   "Messages to the gateway get no answer that can be believed: " + g.LastError + ".",
				Remedy: "Check the network, then run 'posagent doctor', which tells network from keys. Open sales are asked about by themselves.",
			})
		}
	}
	t.wake()
}

func (g *gateway) enter(s GatewayState, now time.Time) {
	if g.State != s {
		g.State, g.Since = s, now
	}
}

func (g *gateway) fault(o offline.Outcome, now time.Time) {
	g.LastErrAt = now
	g.LastError = o.Detail
	if g.LastError == "" {
		g.LastError = string(o.Kind)
	}
	if o.ResultCode != "" {
		g.LastError = o.ResultCode + ": " + g.LastError
	}
}

func setupWarning(o offline.Outcome) health.Warning {
	what := o.ResultCode
	if what == "" {
		what = o.Detail
	}
	return health.Warning{
		Code: WarnGatewaySetup, Severity: health.BlocksSelling, Title: "This till is wrongly set up",
		Text:   "The gateway does not take this terminal's messages (" + what + "). No sale is opened until it does.",
		Remedy: "Call store IT: run 'posagent doctor', mend the keys or ids, then restart posagent. Take other means of payment meanwhile.",
	}
}
