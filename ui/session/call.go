package session

import (
	"context"
	"fmt"
	"strconv"

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
		return shiftReply(s.cfg.API.Shift(ctx))
	case model.CloseShift:
		return s.closeShift(ctx, q)
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

// closeShift ends the shift. The id is the model's, so that a repeated call ends
// it once.
func (s *Session) closeShift(ctx context.Context, q model.CloseShift) model.Reply {
	shift, _, err := s.cfg.API.CloseShift(ctx, wire.ShiftEnd{ShiftID: q.ShiftID, By: byWindow, Supervisor: allowedBy(q.Supervisor)})
	return shiftReply(shift, err)
}

// receipt fetches a receipt as the computer can print it: one of the two forms. A PDF
// that cannot be made, such as of a name whose letters its font lacks, is no reason to
// go without a receipt.
func (s *Session) receipt(ctx context.Context, q model.LoadReceipt) model.Reply {
	of := client.ReceiptOf{SaleID: q.SaleID, RefundID: q.RefundID, Copy: q.Reprint}
	r := &model.Receipt{SaleID: q.SaleID}
	if s.cfg.PDF != nil && s.cfg.PDF() {
		of.PDF = true
		pdf, err := s.cfg.API.Receipt(ctx, of)
		if err == nil {
			r.PDF = pdf
			return model.Reply{Receipt: r}
		}
		s.cfg.Log.Warn("the receipt cannot be had as a PDF; its text is taken", "sale", q.SaleID, "error", err)
		of.PDF = false
	}
	text, err := s.cfg.API.Receipt(ctx, of)
	if err != nil {
		return model.Reply{Err: err}
	}
	r.Text = string(text)
	return model.Reply{Receipt: r}
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

func shiftReply(shift wire.Shift, err error) model.Reply {
	if err != nil {
		return model.Reply{Err: err}
	}
	r := &model.Shift{From: shift.From, To: shift.To, Open: shift.Open, Closable: shift.Number == 0}
	if shift.Number > 0 {
		r.Number = strconv.Itoa(shift.Number)
	}
	for _, t := range shift.Totals {
		r.Totals = append(r.Totals, model.ShiftTotal(t))
	}
	return model.Reply{Shift: r}
}
