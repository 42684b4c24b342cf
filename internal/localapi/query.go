package localapi

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// query reads the parameters of a request. Unknown ones are refused: a
// misspelt filter would list everything.
func query(r *http.Request, known ...string) (url.Values, *wire.Problem) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("", "The query of the address is malformed.")
	}
	for name, list := range values {
		if !slices.Contains(known, name) {
			return nil, invalid(printable(name), printable(name)+" is not a parameter of this call; parameters are "+strings.Join(known, ", ")+".")
		}
		if len(list) > 1 {
			return nil, invalid(name, name+" stands there twice.")
		}
	}
	return values, nil
}

// waiting is what a long poll waits for.
type waiting struct {
	wait  time.Duration // 0: answer at once
	since int           // version that the client has seen; -1: it waits for the end
}

// readWait reads wait and since. Waits longer than the limit count as the limit.
func (s *Server) readWait(values url.Values) (waiting, *wire.Problem) {
	out := waiting{since: -1}
	if text := values.Get("wait"); values.Has("wait") {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return out, invalid("wait", `wait must be a duration such as "30s".`)
		}
		out.wait = min(d, s.opt.Limits.Wait)
	}
	if text := values.Get("since"); values.Has("since") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return out, invalid("since", "since must be a version of the sale: a whole number.")
		}
		out.since = n
	}
	return out, nil
}

// The bounds of a listing.
const (
	pageSize = 50
	maxPage  = 500
)

// maxText bounds what is looked for: no number is longer.
const maxText = 64

// readFilter reads the filter of a listing.
func readFilter(values url.Values) (offline.SaleFilter, *wire.Problem) {
	f := offline.SaleFilter{Limit: pageSize, Cursor: values.Get("cursor"), Text: values.Get("q")}
	if values.Has("q") && (f.Text == "" || len(f.Text) > maxText || strings.Trim(f.Text, idLetters) != "") {
		return f, invalid("q", "q must be 1 to 64 of A-Z a-z 0-9 . _ -: a piece of a saleId, or a whole merchantTransId.")
	}
	var p *wire.Problem
	if f.From, f.To, p = readRange(values); p != nil {
		return f, p
	}
	if text := values.Get("state"); values.Has("state") {
		f.State = offline.SaleState(text)
		if !slices.Contains(offline.SaleStates(), f.State) {
			return f, invalid("state", fmt.Sprintf("state must be one of %v.", offline.SaleStates()))
		}
	}
	if text := values.Get("day"); values.Has("day") {
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return f, invalid("day", "day must be a date such as 2026-11-21.")
		}
		f.Day = offline.BusinessDay(text)
	}
	if text := values.Get("limit"); values.Has("limit") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return f, invalid("limit", fmt.Sprintf("limit must be 1 to %d.", maxPage))
		}
		f.Limit = n
	}
	if values.Has("cursor") && f.Cursor == "" {
		return f, invalid("cursor", "cursor is empty; leave it out for the first page.")
	}
	return f, nil
}

// idLetters are the characters of all ids.
const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

// readRange reads from and to, which may be absent.
func readRange(values url.Values) (from, to time.Time, p *wire.Problem) {
	for name, t := range map[string]*time.Time{"from": &from, "to": &to} {
		if !values.Has(name) {
			continue
		}
		at, err := time.Parse(time.RFC3339, values.Get(name))
		if err != nil || at.Year() < 2000 || at.Year() > 2200 {
			return from, to, invalid(name, name+" must be a time such as 2026-11-21T08:00:00Z; a + of the zone is written %2B.")
		}
		*t = at
	}
	if !to.IsZero() && !from.Before(to) {
		return from, to, invalid("to", "to must be later than from.")
	}
	return from, to, nil
}

// saleID reads the sale's id from the path.
func saleID(r *http.Request) (offline.SaleID, *wire.Problem) {
	id, err := offline.ParseSaleID(r.PathValue("saleId"))
	if err != nil {
		return "", invalid("saleId", sentence(err))
	}
	return id, nil
}
