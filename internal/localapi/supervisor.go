package localapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/internal/supervisor"
	"posagent/offline"
)

// Supervisors judges PINs; *supervisor.Guard is one. Check returns the name as it
// is written in the audit trail.
type Supervisors interface {
	Check(ctx context.Context, name string, pin supervisor.PIN) (string, error)
}

// Needs says what needs a supervisor.
type Needs struct {
	Refund     bool // every refund
	Void       bool // a refund of a whole sale on its own business day
	Cancel     bool // a cancel once a payment was sent
	Resolve    bool // of a sale or a refund
	CloseShift bool
}

// approval is what a request says of who allows it.
type approval struct {
	name string // "": nobody is named
	pin  supervisor.PIN
}

const (
	maxSupervisor = 40
	maxPIN        = 64
)

// approval reads the supervisor of a request, which may be absent.
func (o *object) approval() approval {
	if _, ok := o.fields["supervisor"]; !ok {
		return approval{}
	}
	in := o.object("supervisor", "name", "pin")
	a := approval{name: in.text("name", 1, maxSupervisor)}
	pin, _ := in.str("pin", true, maxPIN)
	a.pin = supervisor.NewPIN(pin)
	if o.fault == nil {
		o.fault = in.fault
	}
	return a
}

// approve judges who allows an action. It returns whom the audit trail names. A
// supervisor who is named is judged also where none is needed: the trail must not
// hold a name that nobody has proven.
func (s *Server) approve(r *http.Request, needed bool, by string, a approval) (string, *wire.Problem) {
	if a.name == "" {
		if !needed {
			return by, nil
		}
		return "", wire.NewProblem(wire.CodeSupervisorRequired, "This needs a supervisor. Nothing was done.",
			"Send the request again with the supervisor's name and PIN.")
	}
	if s.now().Supervisors == nil {
		return "", wire.NewProblem(wire.CodeSupervisorUnavailable, "No file of supervisors is configured. Nothing was done.",
			"Store IT: set supervisor.file, or send the request without a supervisor.")
	}
	name, err := s.now().Supervisors.Check(r.Context(), a.name, a.pin)
	if err != nil {
		return "", s.disapproval(err)
	}
	s.log.Info("a supervisor allowed a request", "request", r.Pattern, "supervisor", name)
	return allowedBy(by, name), nil
}

// allowedBy is how the audit trail names an action's two people.
func allowedBy(by, name string) string {
	switch {
	case name == "" || by == name:
		return by
	case by == "":
		return name
	}
	return by + ", allowed by " + name
}

func (s *Server) disapproval(err error) *wire.Problem {
	var refused *supervisor.RefusedError
	if errors.As(err, &refused) {
		p := wire.NewProblem(wire.CodeSupervisorRefused, "Name or PIN is wrong. Nothing was done.", "Type both again.")
		p.TriesLeft = &refused.Left
		if wait := time.Until(refused.Until); !refused.Until.IsZero() {
			p.Detail = fmt.Sprintf("Wrong PINs came too often. The next is judged in %s. Nothing was done.", wait.Round(time.Second))
			p.Hint = "Wait, or take another supervisor."
			p.WaitUntil = moment(refused.Until)
		}
		return p
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return problemOf(err, wire.CodeInternal)
	}
	s.log.Error("a supervisor's PIN could not be judged", "error", err)
	p := wire.NewProblem(wire.CodeSupervisorUnavailable, "PINs cannot be judged now. Nothing was done.", "Store IT: see the daemon's log.")
	var file *supervisor.FileError
	switch {
	case errors.Is(err, supervisor.ErrNobody):
		p.Detail, p.Hint = "No supervisor is set up. Nothing was done.", `Store IT: "posagent supervisor set NAME" adds one.`
	case errors.As(err, &file):
		p.Detail, p.Hint = "The file of PINs "+file.Problem+". Nothing was done.", "Store IT: "+file.Hint+"."
	}
	return p
}

// The conditions below are looked at before the action and not together with it:
// what changes in between was true when the cashier pressed.

// cancelNeeds tells whether a cancel of the sale undoes what was sent.
func (s *Server) cancelNeeds(sale *offline.Sale) bool {
	switch sale.State() {
	case offline.SaleStateProcessing, offline.SaleStateConfirming, offline.SaleStateChecking:
		return s.now().Needs.Cancel
	case offline.SaleStateWaiting, offline.SaleStateReversing, offline.SaleStatePaid, offline.SaleStateDeclined,
		offline.SaleStateCancelled, offline.SaleStateExpired, offline.SaleStateAttention:
	}
	return false // free, decided already, or refused by the engine
}

// refundNeeds tells whether a refund is one that a supervisor must allow. One that
// is there already is only looked at again.
func (s *Server) refundNeeds(sale *offline.Sale, n offline.NewRefund) bool {
	void := n.Amount == sale.Amount && offline.DayOf(time.Now()) == offline.DayOf(sale.CreatedAt)
	return s.now().Needs.Refund || s.now().Needs.Void && void
}
