package localapi

import (
	"context"
	"errors"
	"math"
	"net/http"
	"slices"
	"time"

	"posagent/internal/jsonapi"
	"posagent/internal/localapi/wire"
	"posagent/internal/shift"
	"posagent/offline"
)

// Shifts sums and closes shifts; *shift.Ledger is one.
type Shifts interface {
	Current(ctx context.Context, now time.Time) (shift.Shift, error)
	Find(ctx context.Context, id string, now time.Time) (shift.Shift, bool, error)
	Close(ctx context.Context, id, by string, open []offline.SaleID, now time.Time) (shift.Shift, bool, error)
}

// sumPatience is how long the first sum after a start may take: it goes through all
// events of a shift that nobody may have closed for months.
const sumPatience = 2 * time.Minute

// getShift is GET /v1/shift: the shift that is open.
func (s *Server) getShift(w http.ResponseWriter, r *http.Request) {
	if _, p := query(r); p != nil {
		s.problem(w, p)
		return
	}
	if s.opt.Shifts == nil {
		s.problem(w, noShifts())
		return
	}
	jsonapi.Patience(w, sumPatience)
	sum, err := s.opt.Shifts.Current(r.Context(), time.Now())
	if err != nil {
		s.failShift(w, r, err)
		return
	}
	open, err := s.unsettled()
	if err != nil {
		s.fail(w, r, err, wire.CodeInternal)
		return
	}
	sum.Open, sum.OpenCount = open[:min(len(open), shift.MostOpen)], len(open)
	s.answerShift(w, r, http.StatusOK, sum)
}

// closeShift is POST /v1/shift/close.
func (s *Server) closeShift(w http.ResponseWriter, r *http.Request) {
	if _, p := query(r); p != nil {
		s.problem(w, p)
		return
	}
	body, p := readBody(w, r, true)
	if p != nil {
		s.problem(w, p)
		return
	}
	o := readObject(body, "", "shiftId", "by", "supervisor")
	id, by, who := o.text("shiftId", 1, 64), o.text("by", 1, maxBy), o.approval()
	if _, err := offline.ParseSaleID(id); err != nil {
		o.refuse("shiftId", "must be 1 to 64 of A-Z a-z 0-9 . _ -")
	}
	switch {
	case o.fault != nil:
		s.problem(w, o.fault)
		return
	case s.opt.Shifts == nil:
		s.problem(w, noShifts())
		return
	}
	jsonapi.Patience(w, sumPatience)
	old, done, err := s.opt.Shifts.Find(r.Context(), id, time.Now())
	switch {
	case err != nil:
		s.failShift(w, r, err)
		return
	case done: // its answer was lost; nothing is closed by it
		s.answerShift(w, r, http.StatusOK, old)
		return
	}
	if by, p = s.approve(r, s.now().Needs.CloseShift, by, who); p != nil {
		s.problem(w, p)
		return
	}
	open, err := s.unsettled()
	if err != nil {
		s.fail(w, r, err, wire.CodeInternal)
		return
	}
	sum, created, err := s.opt.Shifts.Close(r.Context(), id, by, open, time.Now())
	if err != nil {
		s.failShift(w, r, err)
		return
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
		s.log.Info("a shift was closed", "number", sum.Number, "by", sum.By, "open_sales", sum.OpenCount)
	}
	s.answerShift(w, r, status, sum)
}

// unsettled lists all sales that something is left to do of.
func (s *Server) unsettled() ([]offline.SaleID, error) {
	due, err := s.opt.Journal.Unsettled(offline.NeverDue, math.MaxInt32)
	open := make([]offline.SaleID, len(due))
	for i, d := range due {
		open[i] = d.ID
	}
	return open, err
}

func (s *Server) answerShift(w http.ResponseWriter, r *http.Request, status int, sum shift.Shift) {
	out := wire.Shift{
		Number: sum.Number, ShiftID: sum.ID, By: sum.By, From: stamp(sum.From), To: stamp(sum.To),
		Totals: make([]wire.ShiftTotal, 0, 1), Open: make([]wire.Sale, 0, len(sum.Open)), OpenCount: sum.OpenCount,
	}
	for _, t := range sum.Totals {
		out.Totals = append(out.Totals, wire.ShiftTotal(t))
	}
	if !slices.ContainsFunc(out.Totals, func(t wire.ShiftTotal) bool { return t.PaidSum.Currency == s.now().Currency }) {
		zero := wire.Money{Currency: s.now().Currency}
		out.Totals = append(out.Totals, wire.ShiftTotal{PaidSum: zero, RefundedSum: zero})
	}
	for _, id := range sum.Open {
		sale, err := s.opt.Engine.Sale(id)
		switch {
		case errors.Is(err, offline.ErrUnknownSale): // past its retention since
		case err != nil:
			s.fail(w, r, err, wire.CodeInternal)
			return
		default:
			out.Open = append(out.Open, saleOf(&sale))
		}
	}
	s.answer(w, status, out)
}

func noShifts() *wire.Problem {
	return wire.NewProblem(wire.CodeShiftUnavailable, "The journal does not open, so that there is nothing to sum.",
		"Store IT: \"posagent journal verify\" with the daemon stopped.")
}

func (s *Server) failShift(w http.ResponseWriter, r *http.Request, err error) {
	var file *shift.FileError
	if !errors.As(err, &file) {
		s.fail(w, r, err, wire.CodeInternal)
		return
	}
	s.log.Error("shifts cannot be kept", "error", err)
	s.problem(w, wire.NewProblem(wire.CodeShiftUnavailable, "The file of shifts "+file.Problem+". No shift was closed.", "Store IT: "+file.Path+": "+file.Hint+"."))
}
