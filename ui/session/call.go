package session

import (
	"context"
	"fmt"
	"slices"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/ui/model"
)

// call carries out one request, in a goroutine of its own. It always answers: a
// daemon that says nothing is given up after the time-out.
func (s *Session) call(ctx context.Context, c model.Call) model.Reply {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	r := s.ask(ctx, c.Request)
	r.Seq = c.Seq
	if r.Err != nil {
		s.cfg.Log.Info("a call of the local API failed", "request", fmt.Sprintf("%T", c.Request), "error", r.Err)
	}
	return r
}

func (s *Session) ask(ctx context.Context, request model.Request) model.Reply {
	switch q := request.(type) {
	case model.OpenSale:
		sale, _, err := s.cfg.API.OpenSale(ctx, wire.NewSale{SaleID: q.SaleID, Amount: q.Amount})
		return saleReply(sale, err)
	case model.SendCode:
		return saleReply(s.cfg.API.SubmitCode(ctx, q.SaleID, q.Code.Reveal()))
	case model.Cancel:
		return saleReply(s.cfg.API.CancelAs(ctx, q.SaleID, wire.ByBody{By: byWindow, Supervisor: allowedBy(q.Supervisor)}))
	case model.Recheck:
		return saleReply(s.cfg.API.Recheck(ctx, q.SaleID))
	case model.LoadSale:
		return saleReply(s.cfg.API.Sale(ctx, q.SaleID))
	case model.Resolve:
		return s.resolve(ctx, q)
	case model.GiveBack:
		refund, _, err := s.cfg.API.Refund(ctx, q.SaleID, wire.NewRefund{
			RefundID: q.RefundID, Amount: q.Amount, By: byWindow, Supervisor: allowedBy(q.Supervisor),
		})
		return refundReply(refund, err)
	case model.Search:
		return s.search(ctx, q)
	case model.LoadShift:
		return s.shift(ctx)
	case model.LoadReceipt:
		return s.receipt(ctx, q)
	}
	return model.Reply{Err: model.ErrUnsupported}
}

// byWindow is who asks, in the audit trail, where nobody's name is known.
const byWindow = "cashier window"

// allowedBy is the supervisor as the API takes one; nil for nobody.
func allowedBy(s model.Supervisor) *wire.Supervisor {
	if s == (model.Supervisor{}) {
		return nil
	}
	return &wire.Supervisor{Name: s.Name, PIN: wire.NewPIN(s.PIN.Reveal())}
}

func (s *Session) resolve(ctx context.Context, q model.Resolve) model.Reply {
	r := wire.Resolution{Result: q.Result, By: q.By, Note: q.Note, Supervisor: allowedBy(q.Supervisor)}
	if q.RefundID != "" {
		return refundReply(s.cfg.API.ResolveRefund(ctx, q.SaleID, q.RefundID, r))
	}
	return saleReply(s.cfg.API.Resolve(ctx, q.SaleID, r))
}

func (s *Session) search(ctx context.Context, q model.Search) model.Reply {
	list, err := s.cfg.API.Sales(ctx, client.Filter{
		Text: q.Text, State: q.State, From: q.From, To: q.To, Limit: q.Limit, Cursor: q.Cursor,
	})
	if err != nil {
		return model.Reply{Err: err}
	}
	return model.Reply{Sales: &list}
}

// openStates are the states of sales that a shift leaves open, the gravest first.
func openStates() []wire.State {
	return []wire.State{wire.Attention, wire.Reversing, wire.Checking, wire.Confirming, wire.Processing, wire.Waiting}
}

// openLimit bounds the open cases of one state in the list; the daemon's status
// counts all of them.
const openLimit = 100

// shift is the business day so far: its totals, and every sale that is not settled,
// of this day or an earlier one.
func (s *Session) shift(ctx context.Context) model.Reply {
	status, err := s.cfg.API.Status(ctx)
	if err != nil {
		return model.Reply{Err: err}
	}
	now := time.Now()
	from := now.In(offline.Beijing) // the business day is the gateway's
	from = time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, offline.Beijing)
	shift := &model.Shift{From: from, To: now}
	for _, t := range status.Totals {
		shift.Totals = append(shift.Totals, model.ShiftTotal{
			Paid: t.Paid, PaidSum: t.PaidSum, Refunded: t.Refunded, RefundedSum: t.RefundedSum,
		})
	}
	for _, state := range openStates() {
		list, err := s.cfg.API.Sales(ctx, client.Filter{State: state, Limit: openLimit})
		if err != nil {
			return model.Reply{Err: err}
		}
		shift.Open = append(shift.Open, list.Sales...)
	}
	// A sale that moved on between two questions came twice, or not at all; the first
	// is cured here, the second by what the status names.
	seen := map[string]bool{}
	shift.Open = slices.DeleteFunc(shift.Open, func(sale wire.Sale) bool {
		double := seen[sale.SaleID]
		seen[sale.SaleID] = true
		return double
	})
	for _, id := range slices.Concat(status.Backlog.Attention, status.Backlog.LateSuccess) {
		if seen[id] {
			continue
		}
		sale, err := s.cfg.API.Sale(ctx, id)
		if err != nil {
			return model.Reply{Err: err}
		}
		seen[id] = true
		shift.Open = append(shift.Open, sale)
	}
	return model.Reply{Shift: shift}
}

// receipt fetches the receipt as text, and as a PDF for where no printer takes text.
func (s *Session) receipt(ctx context.Context, q model.LoadReceipt) model.Reply {
	of := client.ReceiptOf{SaleID: q.SaleID, RefundID: q.RefundID, Copy: q.Reprint}
	text, err := s.cfg.API.Receipt(ctx, of)
	if err != nil {
		return model.Reply{Err: err}
	}
	of.PDF = true
	pdf, err := s.cfg.API.Receipt(ctx, of)
	if err != nil {
		return model.Reply{Err: err}
	}
	return model.Reply{Receipt: &model.Receipt{SaleID: q.SaleID, Text: string(text), PDF: pdf}}
}

func saleReply(sale wire.Sale, err error) model.Reply {
	if err != nil {
		return model.Reply{Err: err}
	}
	return model.Reply{Sale: &sale}
}

func refundReply(refund wire.Refund, err error) model.Reply {
	if err != nil {
		return model.Reply{Err: err}
	}
	return model.Reply{Refund: &refund}
}
