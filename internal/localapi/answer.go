package localapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline"
)

// answer writes a JSON answer.
func (s *Server) answer(w http.ResponseWriter, status int, v any) {
	s.api.Write(w, status, "application/json", v)
}

// problem writes a problem.
func (s *Server) problem(w http.ResponseWriter, p *wire.Problem) {
	s.api.Write(w, p.Status, wire.ProblemType, p)
}

// fail answers an error of till or engine. final is the code of a command that
// comes too late.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error, final wire.Code) {
	p := problemOf(err, final)
	if p.Code == wire.CodeJournalFailed {
		snap, _ := s.opt.Till.Latest()
		p.Reasons = warningsOf(snap.Reasons)
	}
	if p.Code == wire.CodeInternal {
		s.log.Error("a request of the local API failed", "path", r.Pattern, "error", err)
	}
	s.problem(w, p)
}

// problemOf turns an error into the problem that the API promises for it. What
// is not known here stays inside: the caller can do nothing with it.
func problemOf(err error, final wire.Code) *wire.Problem {
	var (
		busy     *till.BusyError
		notReady *till.NotReadyError
		wrong    *till.CodeError
		used     *offline.CodeUsedError
	)
	switch {
	case errors.As(err, &busy):
		p := wire.NewProblem(wire.CodeTillBusy, fmt.Sprintf("Sale %s is in the foreground.", busy.SaleID),
			"Wait for its end or cancel it, then send this request again.")
		p.SaleID = string(busy.SaleID)
		return p
	case errors.As(err, &notReady):
		p := wire.NewProblem(wire.CodeNotReady, "The till does not sell now. No sale was opened.", "Take other means of payment and follow the reasons.")
		p.Reasons = warningsOf(notReady.Reasons)
		return p
	case errors.As(err, &wrong):
		p := wire.NewProblem(wire.CodeNotAPaymentCode, wrong.Class.What, wrong.Class.Do)
		p.Class = string(wrong.Class.Code)
		return p
	case errors.As(err, &used):
		p := wire.NewProblem(wire.CodeCodeUsed, fmt.Sprintf("The payment code was used for sale %s before. No payment was started.", used.SaleID),
			"Ask the customer to refresh the payment code, then read it again.")
		at := stamp(used.At)
		p.SaleID, p.UsedAt = string(used.SaleID), &at
		return p
	}
	return knownProblem(err, final)
}

func knownProblem(err error, final wire.Code) *wire.Problem {
	switch {
	case errors.Is(err, offline.ErrUnknownSale):
		return wire.NewProblem(wire.CodeSaleNotFound, "There is no sale of this id.", "")
	case errors.Is(err, offline.ErrSaleConflict):
		return conflict(final)
	case errors.Is(err, offline.ErrFinal):
		hint := "GET the sale for its state."
		if final == wire.CodeSaleFinal {
			hint += " A paid sale is refunded, not cancelled."
		}
		return wire.NewProblem(final, sentence(err), hint)
	case errors.Is(err, offline.ErrNotInAttention):
		return wire.NewProblem(wire.CodeNotInAttention, sentence(err), "Only what is in the state attention is resolved.")
	case errors.Is(err, offline.ErrUnknownRefund):
		return wire.NewProblem(wire.CodeRefundNotFound, "The sale has no refund of this id.", "")
	case errors.Is(err, offline.ErrRefundStands):
		return wire.NewProblem(wire.CodeRefundStands, "Money of this sale goes back by a refund, so that it cannot be \"not paid\".",
			"Wait for the refund, or resolve the refund first. What is refunded in full ends by itself.")
	case errors.Is(err, offline.ErrNotPaid):
		return wire.NewProblem(wire.CodeNotPaid, sentence(err), "Only what was paid is refunded; GET the sale for its state.")
	case errors.Is(err, offline.ErrRefundTooMuch):
		return wire.NewProblem(wire.CodeRefundTooMuch, sentence(err), "Refunds under way count too; GET the sale for what is refunded.")
	case errors.Is(err, offline.ErrAmount):
		return invalid("amount.value", sentence(err))
	case errors.Is(err, offline.ErrCurrency):
		return invalid("amount.currency", sentence(err))
	case errors.Is(err, offline.ErrID):
		return invalid("", sentence(err))
	case errors.Is(err, offline.ErrJournal):
		return wire.NewProblem(wire.CodeJournalFailed, "The journal takes no more writes, so no sale is changed.",
			"Call store IT. What was under way is looked after when the daemon starts again.")
	case errors.Is(err, offline.ErrStopped), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return wire.NewProblem(wire.CodeStopping, "The daemon is starting or stopping.", "Send the same request again in a moment.")
	}
	return wire.NewProblem(wire.CodeInternal, "", "See the daemon's log.")
}

func conflict(final wire.Code) *wire.Problem {
	if final == wire.CodeRefundConflict {
		return wire.NewProblem(wire.CodeRefundConflict, "A refund of this id exists with another amount or reason.", "Use a new refundId for another refund.")
	}
	return wire.NewProblem(wire.CodeSaleConflict, "A sale of this id exists with other content.", "Use a new saleId for another sale.")
}

// sentence makes an error of the domain a sentence. Errors of the domain hold
// neither codes nor keys.
func sentence(err error) string {
	text := err.Error()
	if text == "" {
		return ""
	}
	if c := text[0]; c >= 'a' && c <= 'z' {
		text = string(c-'a'+'A') + text[1:]
	}
	return text + "."
}
