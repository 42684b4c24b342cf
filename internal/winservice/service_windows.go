package winservice

import (
	"fmt"

	"golang.org/x/sys/windows/svc"
)

// Run lives as the service until the manager or the daemon ends it, and returns the
// exit code. It fails where no manager started the process.
func Run(opt Options) (int, error) {
	h := &handler{opt: opt}
	if err := svc.Run(Name, h); err != nil {
		return codeFailure, fmt.Errorf("%w (was it started by hand? \"posagent serve\" runs without the manager)", explain(err))
	}
	return int(h.code), nil
}

// handler carries words between Live and the library.
type handler struct {
	opt  Options
	code uint32
}

// Execute implements [svc.Handler].
func (h *handler) Execute(_ []string, in <-chan svc.ChangeRequest, out chan<- svc.Status) (specific bool, code uint32) {
	requests, changes, done := make(chan Request), make(chan Status), make(chan struct{})
	go func() {
		defer close(done)
		h.code = Live(requests, changes, h.opt)
	}()
	var pending Request
	var next chan Request // nil: nothing to hand over
	for {
		from := in
		if next != nil {
			from = nil // one after another
		}
		select {
		case <-done:
			return true, h.code
		case s := <-changes:
			out <- svc.Status{State: svc.State(s.State), Accepts: svc.Accepted(s.Accepts), CheckPoint: s.CheckPoint, WaitHint: s.WaitHint}
		case c := <-from:
			pending, next = Request{Command: Command(c.Cmd), Event: Power(c.EventType)}, requests
		case next <- pending:
			next = nil
		}
	}
}
