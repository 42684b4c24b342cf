package admin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"posagent/internal/admin/wire"
)

// attention is GET /v1/admin/attention: the sales that wait for a person, as the
// local API lists them.
func (s *Server) attention(c *call) *wire.Problem {
	values, p := c.query("limit", "cursor")
	if p != nil {
		return p
	}
	values.Set("state", "attention")
	return s.local(c, http.MethodGet, "/v1/sales?"+values.Encode(), nil)
}

// resolve is POST /v1/admin/sales/{saleId}/resolve: the local API's own call, so
// that its rules hold, supervisors' PINs included. Who decided is the caller,
// whatever name the request gives beside.
func (s *Server) resolve(c *call) *wire.Problem {
	body, p := readBody(c.w, c.r)
	if p != nil {
		return p
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &fields); err != nil {
		return invalid("", "The body is not a JSON object.")
	}
	var by, result string
	if raw, given := fields["by"]; given {
		if err := json.Unmarshal(raw, &by); err != nil {
			return invalid("by", "by must be a string.")
		}
		by = cut(strings.TrimSpace(by), longestPerson) + ", "
	}
	_ = json.Unmarshal(fields["result"], &result) // the local API judges it
	name, err := json.Marshal(cut(by+c.by.Name, longestBy))
	if err == nil {
		fields["by"] = name
		body, err = json.Marshal(fields)
	}
	if err != nil {
		return invalid("", "The body is not a JSON object.")
	}
	c.entry = c.entry.With("result", result)
	return s.local(c, http.MethodPost, "/v1/sales/"+url.PathEscape(c.r.PathValue("saleId"))+"/resolve", body)
}

// What the local API takes as a name, and how much of it a person gets beside the
// caller, whose name is proven.
const (
	longestBy     = 64
	longestPerson = 24
)

// cut shortens a name from its end, between characters.
func cut(s string, most int) string {
	for len(s) > most {
		r := []rune(s)
		s = string(r[:len(r)-1])
	}
	return s
}

// status is GET /v1/admin/status.
func (s *Server) status(c *call) *wire.Problem {
	if s.opt.Local == nil || s.opt.Drained == nil {
		return missing("tell its status")
	}
	a := s.ask(c, http.MethodGet, "/v1/status", nil)
	if a.code != http.StatusOK {
		return wire.NewProblem(wire.CodeInternal, "The local API answered "+strconv.Itoa(a.code)+".", "See the daemon's log.")
	}
	return s.answer(c, wire.Status{Drain: s.opt.Drained(c.r.Context(), false), Till: a.body.Bytes()})
}

// local hands a call on to the local API and its answer back. A problem of that
// API is sent as it is, and recorded.
func (s *Server) local(c *call, method, target string, body []byte) *wire.Problem {
	if s.opt.Local == nil {
		return missing("look at sales")
	}
	a := s.ask(c, method, target, body)
	if a.code >= http.StatusMultipleChoices {
		var p wire.Problem
		if err := json.Unmarshal(a.body.Bytes(), &p); err == nil {
			c.answered = a
			return &p
		}
	}
	a.sendTo(c.w)
	return nil
}

func (s *Server) ask(c *call, method, target string, body []byte) *answer {
	a := &answer{header: http.Header{}, code: http.StatusOK}
	r, err := http.NewRequestWithContext(c.r.Context(), method, "http://localhost"+target, bytes.NewReader(body))
	if err != nil {
		a.code = http.StatusBadRequest
		return a
	}
	r.RequestURI = target
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	s.opt.Local.ServeHTTP(a, r)
	return a
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(code int)        { a.code = code }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

func (a *answer) sendTo(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.header.Get("Content-Type"))
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body.Bytes()) // the client is gone if this fails
}
