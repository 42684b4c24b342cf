package localapi

import (
	"net/http"
	"time"

	"posagent/internal/jsonapi"
	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// await returns the sale as soon as it is enough, or as it is when the time is
// up or the server stops. Without ok the answer has been given, or nobody waits
// for one any more: a vanished client frees everything at once.
func (s *Server) await(w http.ResponseWriter, r *http.Request, id offline.SaleID, wait time.Duration, enough func(*offline.Sale) bool) (offline.Sale, bool) {
	sale, err := s.opt.Engine.Sale(id)
	if err != nil {
		s.fail(w, r, err, wire.CodeInternal)
		return offline.Sale{}, false
	}
	if wait <= 0 || enough(&sale) {
		return sale, true
	}
	select {
	case s.waits <- struct{}{}:
		defer func() { <-s.waits }()
	default:
		w.Header().Set("Retry-After", "1")
		s.problem(w, wire.NewProblem(wire.CodeTooManyClients, "Too many requests wait already.", "Ask without wait, or use the event stream."))
		return offline.Sale{}, false
	}
	jsonapi.Patience(w, wait+s.opt.Limits.Write)
	defer jsonapi.Patience(w, s.opt.Limits.Write)
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		sale, err := s.watch(r, id, timeout.C, enough)
		switch {
		case err != nil:
			s.fail(w, r, err, wire.CodeInternal)
			return offline.Sale{}, false
		case r.Context().Err() != nil:
			return offline.Sale{}, false
		case sale != nil:
			return *sale, true
		}
	}
}

// watch follows one subscription: until the sale is enough, or the time is up.
// It returns nil to be called again, after the subscription fell behind.
func (s *Server) watch(r *http.Request, id offline.SaleID, timeout <-chan time.Time, enough func(*offline.Sale) bool) (*offline.Sale, error) {
	sub := s.opt.Engine.Subscribe(64)
	defer sub.Close()
	sale, err := s.opt.Engine.Sale(id) // again: it may have changed before the subscription
	if err != nil || enough(&sale) {
		return &sale, err
	}
	for {
		select {
		case c, ok := <-sub.C:
			if !ok {
				if sub.Lagged() {
					return nil, nil
				}
				return &sale, nil // the engine is gone; there will be no news
			}
			if c.Sale.ID != id {
				continue
			}
			sale = c.Sale
			if enough(&sale) {
				return &sale, nil
			}
		case <-timeout:
			return &sale, nil
		case <-s.stopping:
			return &sale, nil
		case <-r.Context().Done():
			return &sale, nil
		}
	}
}
