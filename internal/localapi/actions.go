package localapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"posagent/device/decode"
	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// submitCode is POST /v1/sales/{saleId}/code.
func (s *Server) submitCode(w http.ResponseWriter, r *http.Request) {
	id, o, p := s.action(w, r, true, "code")
	if p != nil {
		s.problem(w, p)
		return
	}
	text, _ := o.str("code", true, maxCode)
	if o.fault != nil {
		s.problem(w, o.fault)
		return
	}
	sale, err := s.opt.Till.SubmitCode(id, decode.NewText(text))
	if err != nil {
		s.fail(w, r, err, wire.CodeCodeNotExpected)
		return
	}
	s.answer(w, http.StatusOK, saleOf(&sale))
}

// cancelSale is POST /v1/sales/{saleId}/cancel. A sale that is cancelled already
// is returned as it is, so that a lost answer can be asked for again.
func (s *Server) cancelSale(w http.ResponseWriter, r *http.Request) {
	id, o, p := s.action(w, r, false, "by", "supervisor")
	if p != nil {
		s.problem(w, p)
		return
	}
	by, who := cmp.Or(o.text("by", 0, maxBy), "register"), o.approval()
	if o.fault != nil {
		s.problem(w, o.fault)
		return
	}
	sale, err := s.opt.Engine.Sale(id)
	if err != nil {
		s.fail(w, r, err, wire.CodeSaleFinal)
		return
	}
	if sale.InForeground() { // otherwise there is nothing to allow
		if by, p = s.approve(r, s.cancelNeeds(&sale), by, who); p != nil {
			s.problem(w, p)
			return
		}
	}
	sale, err = s.opt.Engine.Cancel(id, by)
	if err != nil && !(errors.Is(err, offline.ErrFinal) && sale.State() == offline.SaleStateCancelled) {
		s.fail(w, r, err, wire.CodeSaleFinal)
		return
	}
	s.answer(w, http.StatusOK, saleOf(&sale))
}

// recheckSale is POST /v1/sales/{saleId}/recheck.
func (s *Server) recheckSale(w http.ResponseWriter, r *http.Request) {
	id, _, p := s.action(w, r, false)
	if p != nil {
		s.problem(w, p)
		return
	}
	sale, err := s.opt.Engine.Recheck(id)
	if err != nil {
		s.fail(w, r, err, wire.CodeSaleFinal)
		return
	}
	s.answer(w, http.StatusOK, saleOf(&sale))
}

// resolveSale is POST /v1/sales/{saleId}/resolve.
func (s *Server) resolveSale(w http.ResponseWriter, r *http.Request) {
	id, o, p := s.action(w, r, true, "result", "by", "note", "supervisor")
	if p != nil {
		s.problem(w, p)
		return
	}
	word, by, note, who := o.text("result", 1, 16), o.text("by", 1, maxBy), o.text("note", 1, maxNote), o.approval()
	result := offline.ResultPaid
	switch word {
	case wire.ResolvedPaid:
	case wire.ResolvedNotPaid:
		result = offline.ResultCancelled
	default:
		o.refuse("result", "must be paid or not_paid")
	}
	if o.fault != nil {
		s.problem(w, o.fault)
		return
	}
	sale, err := s.opt.Engine.Sale(id)
	if err != nil {
		s.fail(w, r, err, wire.CodeNotInAttention)
		return
	}
	// Only what waits for a person goes on to the engine: what begins to wait a
	// moment later has not been allowed by anybody.
	if sale.State() != offline.SaleStateAttention {
		by, err = allowedBy(by, who.name), fmt.Errorf("sale %s is %s: %w", id, sale.State(), offline.ErrNotInAttention)
	} else {
		if by, p = s.approve(r, s.now().Needs.Resolve, by, who); p != nil {
			s.problem(w, p)
			return
		}
		sale, err = s.opt.Engine.Resolve(id, result, by, note)
	}
	if err != nil && !resolved(sale, err, result, by, note) {
		s.fail(w, r, err, wire.CodeNotInAttention)
		return
	}
	s.answer(w, http.StatusOK, saleOf(&sale))
}

// resolved tells whether the very same resolution is what ended the sale: its
// answer was lost and it came again.
func resolved(sale offline.Sale, err error, result offline.Result, by, note string) bool {
	if !errors.Is(err, offline.ErrNotInAttention) {
		return false
	}
	for i := range sale.Payments {
		p := &sale.Payments[i]
		if p.End != nil && p.Resolved != nil && p.End.Result == result && strings.EqualFold(p.Resolved.By, by) && p.Resolved.Note == note {
			return true
		}
	}
	return false
}

// action reads what all commands about a sale have in common. Without a body the
// object is empty.
func (s *Server) action(w http.ResponseWriter, r *http.Request, required bool, known ...string) (offline.SaleID, *object, *wire.Problem) {
	id, p := saleID(r)
	if p != nil {
		return "", nil, p
	}
	if _, p := query(r); p != nil {
		return "", nil, p
	}
	body, p := readBody(w, r, required)
	if p != nil {
		return "", nil, p
	}
	if body == nil {
		return id, &object{}, nil
	}
	o := readObject(body, "", known...)
	return id, o, o.fault
}
