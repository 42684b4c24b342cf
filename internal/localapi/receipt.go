package localapi

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/internal/receipt"
	"posagent/offline"
)

// The types of receipts.
const (
	typeText = "text/plain; charset=utf-8"
	typePDF  = "application/pdf"
)

// getReceipt is GET /v1/sales/{saleId}/receipt: a receipt of what is proven.
func (s *Server) getReceipt(w http.ResponseWriter, r *http.Request) {
	id, p := saleID(r)
	if p != nil {
		s.problem(w, p)
		return
	}
	values, p := query(r, "format", "width", "refund", "copy")
	if p != nil {
		s.problem(w, p)
		return
	}
	ask, width, pdf, p := readReceipt(values)
	if p != nil {
		s.problem(w, p)
		return
	}
	sale, err := s.opt.Engine.Sale(id)
	if err != nil {
		s.fail(w, r, err, wire.CodeInternal)
		return
	}
	printer := &s.now().Receipts
	if pdf {
		printer = printer.ForPDF()
	}
	slip, err := printer.Slip(&sale, ask, time.Now())
	switch {
	case errors.Is(err, receipt.ErrNothing):
		s.problem(w, wire.NewProblem(wire.CodeNoReceipt, "Only money that was taken, or that went back, has a receipt.",
			"GET the sale for its state; its message says what to tell the customer."))
		return
	case err != nil:
		s.fail(w, r, err, wire.CodeInternal)
		return
	}
	if !pdf {
		s.send(w, typeText, []byte(slip.Text(width)))
		return
	}
	body, err := slip.PDF()
	var missing *receipt.RuneError
	switch {
	case errors.As(err, &missing):
		s.problem(w, wire.NewProblem(wire.CodeReceiptFont, sentence(err),
			"Store IT: set receipt.font_file to a TrueType font that has it. As plain text the receipt can be had now."))
	case err != nil:
		s.fail(w, r, err, wire.CodeInternal)
	default:
		s.send(w, typePDF, body)
	}
}

func readReceipt(values url.Values) (ask receipt.Request, width int, pdf bool, p *wire.Problem) {
	switch format := values.Get("format"); {
	case format == "pdf":
		pdf = true
	case format != "text" && values.Has("format"):
		return ask, 0, false, invalid("format", "format must be text or pdf.")
	}
	if values.Has("width") {
		n, err := strconv.Atoi(values.Get("width"))
		if err != nil || n < receipt.MinWidth || n > receipt.MaxWidth {
			return ask, 0, false, invalid("width", "width must be 24 to 80.")
		}
		width = n
	}
	switch mark := values.Get("copy"); {
	case mark == "true":
		ask.Copy = true
	case mark != "false" && values.Has("copy"):
		return ask, 0, false, invalid("copy", "copy must be true or false.")
	}
	if values.Has("refund") {
		id, err := offline.ParseRefundID(values.Get("refund"))
		if err != nil {
			return ask, 0, false, invalid("refund", sentence(err))
		}
		ask.Refund = id
	}
	return ask, width, pdf, nil
}

// send writes an answer that is no JSON.
func (s *Server) send(w http.ResponseWriter, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	if _, err := w.Write(body); err != nil {
		s.log.Debug("a client of the local API left before its answer", "error", err)
	}
}
