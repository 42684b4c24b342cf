package localapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"posagent/device/decode"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline"
)

// The bounds of fields that the gateway or the journal limits.
const (
	maxTitle = 256  // bytes; the wire's order.orderTitle
	maxCode  = 1024 // no scanner sends more in one label that could be a code
	maxBy    = 64
	maxNote  = 1000

	shortestTimeout = time.Second
	longestTimeout  = time.Hour
)

// openSale is POST /v1/sales.
func (s *Server) openSale(w http.ResponseWriter, r *http.Request) {
	n, code, p := s.readSale(w, r)
	if p != nil {
		s.problem(w, p)
		return
	}
	if code != nil {
		parsed, err := s.opt.Till.ParseCode(*code)
		if err != nil {
			s.fail(w, r, err, wire.CodeInternal)
			return
		}
		n.Code = parsed
	}
	sale, created, err := s.open(r, n)
	switch p := (*wire.Problem)(nil); {
	case errors.As(err, &p):
		s.problem(w, p)
	case err != nil:
		s.fail(w, r, err, wire.CodeSaleConflict)
	case created:
		w.Header().Set("Location", salePath(sale.ID))
		s.answer(w, http.StatusCreated, saleOf(&sale))
	default:
		s.answer(w, http.StatusOK, saleOf(&sale))
	}
}

// open opens a sale. One that comes while the configuration is being changed
// waits for that, and is judged by what is in force then.
func (s *Server) open(r *http.Request, n offline.NewSale) (sale offline.Sale, created bool, err error) {
	for {
		if p := s.wrongCurrency(n); p != nil {
			return sale, false, p
		}
		sale, created, err = s.opt.Till.Open(r.Context(), n)
		if !errors.Is(err, till.ErrHeld) {
			return sale, created, err
		}
		if err := s.opt.Till.Released(r.Context()); err != nil {
			return sale, false, err
		}
	}
}

func (s *Server) wrongCurrency(n offline.NewSale) *wire.Problem {
	sells := s.now().Currency
	if n.Amount.Currency == sells {
		return nil
	}
	p := wire.NewProblem(wire.CodeCurrencyMismatch,
		fmt.Sprintf("The sale is in %s and this terminal sells in %s.", n.Amount.Currency, sells),
		"Send amounts in the terminal's currency, in its minor units.")
	p.Field = "amount.currency"
	return p
}

func salePath(id offline.SaleID) string { return "/v1/sales/" + url.PathEscape(string(id)) }

// readSale reads the body of a new sale. code is nil where none is given.
func (s *Server) readSale(w http.ResponseWriter, r *http.Request) (n offline.NewSale, code *decode.Text, p *wire.Problem) {
	if _, p := query(r); p != nil {
		return n, nil, p
	}
	body, p := readBody(w, r, true)
	if p != nil {
		return n, nil, p
	}
	o := readObject(body, "", "saleId", "amount", "orderTitle", "code", "timeout")
	n.ID = offline.SaleID(o.text("saleId", 1, 64))
	n.Amount = o.amount("amount")
	n.Title = o.text("orderTitle", 0, maxTitle)
	if text, ok := o.str("code", false, maxCode); ok {
		text := decode.NewText(text) // whatever characters it holds, it is for the classifier to judge
		code = &text
	}
	if _, ok := o.fields["timeout"]; ok {
		d, err := time.ParseDuration(o.text("timeout", 1, 32))
		if n.Timeout = d; err != nil || d < shortestTimeout || d > longestTimeout {
			o.refuse("timeout", fmt.Sprintf(`must be a duration such as "90s", from %s to %s`, shortestTimeout, longestTimeout))
		}
	}
	if o.fault != nil {
		return n, nil, o.fault
	}
	if _, err := offline.ParseSaleID(string(n.ID)); err != nil {
		return n, nil, invalid("saleId", sentence(err))
	}
	return n, code, s.wrongCurrency(n)
}

// amount reads an amount, which must be there.
func (o *object) amount(name string) offline.Money {
	in := o.object(name, "currency", "value")
	currency, value := in.text("currency", 1, 8), in.text("value", 1, 32)
	if o.fault == nil {
		o.fault = in.fault
	}
	if o.fault != nil {
		return offline.Money{}
	}
	if _, err := offline.CurrencyExponent(currency); err != nil {
		in.refuse("currency", "is not a currency that the gateway takes: it must be an upper-case ISO 4217 code of Alipay's table")
	}
	m, err := offline.ParseMoney(currency, value)
	if err != nil {
		in.refuse("value", "must be a positive whole number of minor units, written as a string of at most 16 digits")
	}
	o.fault = in.fault
	return m
}

// getSale is GET /v1/sales/{saleId}, with wait a long poll.
func (s *Server) getSale(w http.ResponseWriter, r *http.Request) {
	id, p := saleID(r)
	if p != nil {
		s.problem(w, p)
		return
	}
	values, p := query(r, "wait", "since")
	if p != nil {
		s.problem(w, p)
		return
	}
	ask, p := s.readWait(values)
	if p != nil {
		s.problem(w, p)
		return
	}
	enough := func(sale *offline.Sale) bool {
		return sale.Final() || ask.since >= 0 && sale.Version > ask.since
	}
	if sale, ok := s.await(w, r, id, ask.wait, enough); ok {
		s.answer(w, http.StatusOK, saleOf(&sale))
	}
}

// listSales is GET /v1/sales.
func (s *Server) listSales(w http.ResponseWriter, r *http.Request) {
	values, p := query(r, "q", "state", "day", "from", "to", "limit", "cursor")
	if p != nil {
		s.problem(w, p)
		return
	}
	f, p := readFilter(values)
	if p != nil {
		s.problem(w, p)
		return
	}
	if sale, ok := s.named(f); ok {
		s.answer(w, http.StatusOK, wire.SaleList{Sales: []wire.Sale{saleOf(&sale)}})
		return
	}
	page, err := s.opt.Engine.Sales(f)
	switch {
	case err != nil && f.Cursor != "" && !errors.Is(err, offline.ErrJournal):
		s.problem(w, invalid("cursor", "cursor is not one that this call has returned."))
		return
	case err != nil:
		s.fail(w, r, err, wire.CodeInternal)
		return
	}
	list := wire.SaleList{Sales: make([]wire.Sale, 0, len(page.Sales)), Cursor: page.Cursor}
	for i := range page.Sales {
		list.Sales = append(list.Sales, saleOf(&page.Sales[i]))
	}
	s.answer(w, http.StatusOK, list)
}

// named finds the one sale whose merchantTransId is looked for, if the rest of the
// filter lets it through. An error of the journal shows in the listing that follows.
func (s *Server) named(f offline.SaleFilter) (offline.Sale, bool) {
	if f.Text == "" || f.Cursor != "" {
		return offline.Sale{}, false
	}
	id, err := s.opt.Journal.SaleOf(offline.MerchantTransID(f.Text))
	if err != nil {
		return offline.Sale{}, false
	}
	sale, err := s.opt.Engine.Sale(id)
	fits := err == nil && (f.State == "" || sale.State() == f.State) && (f.Day == "" || offline.DayOf(sale.CreatedAt) == f.Day) &&
		!sale.CreatedAt.Before(f.From) && (f.To.IsZero() || sale.CreatedAt.Before(f.To))
	return sale, fits
}
