package session

import (
	"context"
	"fmt"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/ui/model"
)

// call carries out one request, in a goroutine of its own. It always answers: a
// daemon that says nothing is given up after the time-out.
func (s *Session) call(ctx context.Context, c model.Call) model.Reply {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	r := s.ask(ctx, c.Request)
	r.Seq = c.Seq
	if r.Err != nil && ctx.Err() == nil {
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
		return saleReply(s.cfg.API.Cancel(ctx, q.SaleID, byWindow))
	case model.Recheck:
		return saleReply(s.cfg.API.Recheck(ctx, q.SaleID))
	case model.LoadSale:
		return saleReply(s.cfg.API.Sale(ctx, q.SaleID))
	case model.Resolve:
		return s.resolve(ctx, q)
	case model.GiveBack:
		refund, _, err := s.cfg.API.Refund(ctx, q.SaleID, wire.NewRefund{RefundID: q.RefundID, Amount: q.Amount})
		return refundReply(refund, err)
	case model.Search:
		return s.search(ctx, q)
	}
	return model.Reply{Err: model.ErrUnsupported}
}

// byWindow is who cancels, in the audit trail.
const byWindow = "cashier window"

func (s *Session) resolve(ctx context.Context, q model.Resolve) model.Reply {
	r := wire.Resolution{Result: q.Result, By: q.By, Note: q.Note}
	if q.RefundID != "" {
		return refundReply(s.cfg.API.ResolveRefund(ctx, q.SaleID, q.RefundID, r))
	}
	return saleReply(s.cfg.API.Resolve(ctx, q.SaleID, r))
}

func (s *Session) search(ctx context.Context, q model.Search) model.Reply {
	list, err := s.cfg.API.Sales(ctx, client.Filter{State: q.State, Limit: q.Limit, Cursor: q.Cursor})
	if err != nil {
		return model.Reply{Err: err}
	}
	return model.Reply{Sales: &list}
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
