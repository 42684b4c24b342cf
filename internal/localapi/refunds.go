package localapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

const maxRefundReason = 256 // bytes; the wire's refundReason

// openRefund is POST /v1/sales/{saleId}/refunds.
func (s *Server) openRefund(w http.ResponseWriter, r *http.Request) {
	id, o, p := s.action(w, r, true, "refundId", "amount", "reason", "by", "supervisor")
	if p != nil {
		s.problem(w, p)
		return
	}
	n := offline.NewRefund{
		ID: offline.RefundID(o.text("refundId", 1, 64)), Amount: o.amount("amount"), Reason: o.text("reason", 0, maxRefundReason),
		By: o.text("by", 0, maxBy),
	}
	who := o.approval()
	if o.fault != nil {
		s.problem(w, o.fault)
		return
	}
	if _, err := offline.ParseRefundID(string(n.ID)); err != nil {
		s.problem(w, invalid("refundId", sentence(err)))
		return
	}
	if n.Amount.Currency != s.now().Currency {
		p := wire.NewProblem(wire.CodeCurrencyMismatch,
			fmt.Sprintf("The refund is in %s and this terminal sells in %s.", n.Amount.Currency, s.now().Currency), "")
		p.Field = "amount.currency"
		s.problem(w, p)
		return
	}
	sale, err := s.opt.Engine.Sale(id)
	if err != nil {
		s.fail(w, r, err, wire.CodeRefundConflict)
		return
	}
	if sale.Refund(n.ID) == nil { // otherwise nothing new begins
		if n.By, p = s.approve(r, s.refundNeeds(&sale, n), n.By, who); p != nil {
			s.problem(w, p)
			return
		}
	}
	sale, created, err := s.opt.Engine.Refund(id, n)
	if err != nil {
		s.fail(w, r, err, wire.CodeRefundConflict)
		return
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
		w.Header().Set("Location", salePath(id)+"/refunds/"+url.PathEscape(string(n.ID)))
	}
	s.answer(w, status, refundOf(&sale, sale.Refund(n.ID)))
}

// resolveRefund is POST /v1/sales/{saleId}/refunds/{refundId}/resolve.
func (s *Server) resolveRefund(w http.ResponseWriter, r *http.Request) {
	id, o, p := s.action(w, r, true, "result", "by", "note", "supervisor")
	if p != nil {
		s.problem(w, p)
		return
	}
	refund, err := offline.ParseRefundID(r.PathValue("refundId"))
	if err != nil {
		s.problem(w, invalid("refundId", sentence(err)))
		return
	}
	word, by, note, who := o.text("result", 1, 16), o.text("by", 1, maxBy), o.text("note", 1, maxNote), o.approval()
	result := offline.ResultRefunded
	switch word {
	case wire.ResolvedRefunded:
	case wire.ResolvedNotRefunded:
		result = offline.ResultDeclined
	default:
		o.refuse("result", "must be refunded or not_refunded")
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
	f := sale.Refund(refund)
	switch {
	case f == nil:
		err = fmt.Errorf("refund %s of sale %s: %w", refund, id, offline.ErrUnknownRefund)
	case f.State() != offline.RefundAttention: // as with a sale, it does not go on to the engine
		by, err = allowedBy(by, who.name), fmt.Errorf("refund %s of sale %s is %s: %w", refund, id, f.State(), offline.ErrNotInAttention)
	default:
		if by, p = s.approve(r, s.now().Needs.Resolve, by, who); p != nil {
			s.problem(w, p)
			return
		}
		sale, err = s.opt.Engine.ResolveRefund(id, refund, result, by, note)
		f = sale.Refund(refund)
	}
	// The very same resolution is what ended it: its answer was lost.
	again := errors.Is(err, offline.ErrNotInAttention) && f != nil && f.End != nil && f.Resolved != nil &&
		f.End.Result == result && strings.EqualFold(f.Resolved.By, by) && f.Resolved.Note == note
	if err != nil && !again {
		s.fail(w, r, err, wire.CodeNotInAttention)
		return
	}
	s.answer(w, http.StatusOK, refundOf(&sale, f))
}

// getRefund is GET /v1/sales/{saleId}/refunds/{refundId}, with wait a long poll
// until the refund is no longer processing.
func (s *Server) getRefund(w http.ResponseWriter, r *http.Request) {
	id, p := saleID(r)
	if p != nil {
		s.problem(w, p)
		return
	}
	refund, err := offline.ParseRefundID(r.PathValue("refundId"))
	if err != nil {
		s.problem(w, invalid("refundId", sentence(err)))
		return
	}
	values, p := query(r, "wait")
	if p != nil {
		s.problem(w, p)
		return
	}
	ask, p := s.readWait(values)
	if p != nil {
		s.problem(w, p)
		return
	}
	sale, ok := s.await(w, r, id, ask.wait, func(sale *offline.Sale) bool {
		f := sale.Refund(refund)
		return f == nil || f.State() != offline.RefundProcessing
	})
	if !ok {
		return
	}
	f := sale.Refund(refund)
	if f == nil {
		s.problem(w, wire.NewProblem(wire.CodeRefundNotFound, "The sale has no refund of this id.", ""))
		return
	}
	s.answer(w, http.StatusOK, refundOf(&sale, f))
}
