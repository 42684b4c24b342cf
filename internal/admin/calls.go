package admin

import (
	_ "embed"
	"errors"
	"net/http"
	"strconv"
	"time"

	"posagent/internal/admin/wire"
	"posagent/internal/audit"
	"posagent/internal/jsonapi"
)

// description is the OpenAPI 3.1 document of the API.
//
//go:embed openapi.json
var description []byte

// Description is the OpenAPI 3.1 document of the API, as it is served.
func Description() []byte { return append([]byte(nil), description...) }

func (s *Server) openAPI(c *call) *wire.Problem {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(http.StatusOK)
	if _, err := c.w.Write(description); err != nil {
		s.log.Debug("a client of the admin API left before its answer", "error", err)
	}
	return nil
}

func (s *Server) answer(c *call, v any) *wire.Problem {
	s.api.Write(c.w, http.StatusOK, "application/json", v)
	return nil
}

func (s *Server) healthy(c *call) *wire.Problem {
	return s.answer(c, map[string]bool{"healthy": true})
}

func (s *Server) ready(c *call) *wire.Problem {
	r := s.opt.Ready()
	code := http.StatusOK
	if !r.Ready {
		code = http.StatusServiceUnavailable
	}
	s.api.Write(c.w, code, "application/json", r)
	return nil
}

func (s *Server) version(c *call) *wire.Problem { return s.answer(c, s.opt.Version) }

func missing(what string) *wire.Problem {
	return wire.NewProblem(wire.CodeNotAvailable, "This daemon cannot "+what+".", "")
}

// The longest that a caller may wait for a drain, and keep a level of the log.
const (
	longestDrain   = 10 * time.Minute
	reloadPatience = 10 * time.Minute
	usualLevel     = time.Hour
	longestLevel   = 7 * 24 * time.Hour
)

// drain is POST /v1/admin/drain. It records the drain before it waits for it.
func (s *Server) drain(c *call) *wire.Problem {
	if s.opt.Drain == nil || s.opt.Drained == nil {
		return missing("be drained")
	}
	var in struct {
		Wait string `json:"wait"`
		Keep bool   `json:"keep"`
	}
	if p := c.read(&in); p != nil {
		return p
	}
	wait, p := duration("wait", in.Wait, 0, longestDrain)
	if p != nil {
		return p
	}
	if err := s.opt.Drain(c.r.Context(), c.by, in.Keep); err != nil {
		return s.failed(err)
	}
	c.entry = c.entry.With("keep", strconv.FormatBool(in.Keep))
	s.trail.record(c.r.Context(), c.entry)
	c.recorded = true
	if wait > 0 {
		jsonapi.Patience(c.w, wait+writeTimeout)
		ctx, cancel := withTimeout(c, wait)
		defer cancel()
		return s.answer(c, s.opt.Drained(ctx, true))
	}
	return s.answer(c, s.opt.Drained(c.r.Context(), false))
}

// resume is POST /v1/admin/resume.
func (s *Server) resume(c *call) *wire.Problem {
	if s.opt.Resume == nil || s.opt.Drained == nil {
		return missing("be drained")
	}
	if p := c.read(&struct{}{}); p != nil {
		return p
	}
	if err := s.opt.Resume(c.r.Context(), c.by); err != nil {
		return s.failed(err)
	}
	return s.answer(c, s.opt.Drained(c.r.Context(), false))
}

// reload is POST /v1/admin/reload.
func (s *Server) reload(c *call) *wire.Problem {
	if s.opt.Reload == nil {
		return missing("read its configuration again: it needs a restart")
	}
	var in struct {
		Force bool `json:"force"`
	}
	if p := c.read(&in); p != nil {
		return p
	}
	done := s.turn("/v1/admin/reload")
	if done == nil {
		return busy()
	}
	defer done()
	jsonapi.Patience(c.w, reloadPatience) // it waits for the sale in the foreground
	out, err := s.opt.Reload(c.r.Context(), c.by, in.Force)
	c.recorded = err == nil || errors.Is(err, ErrRefused) // by the reload itself, change by change
	if err != nil {
		return s.failed(err)
	}
	return s.answer(c, out)
}

func (s *Server) logLevel(c *call) *wire.Problem {
	if s.opt.Level == nil {
		return missing("tell the level of its log")
	}
	return s.answer(c, s.opt.Level())
}

// setLogLevel is PUT /v1/admin/log-level. A level lasts for a time and goes back by
// itself, as nobody remembers a till that logs everything.
func (s *Server) setLogLevel(c *call) *wire.Problem {
	if s.opt.SetLevel == nil || s.opt.Level == nil {
		return missing("change the level of its log while it runs")
	}
	var in struct {
		Level string `json:"level"`
		For   string `json:"for"`
	}
	if p := c.read(&in); p != nil {
		return p
	}
	d, p := duration("for", in.For, usualLevel, longestLevel)
	if p != nil {
		return p
	}
	switch in.Level {
	case "debug", "info", "warn", "error":
	default:
		return invalid("level", "level must be debug, info, warn or error.")
	}
	c.entry.Subject = in.Level
	c.entry = c.entry.With("for", d.String())
	if err := s.opt.SetLevel(in.Level, d); err != nil {
		return s.failed(err)
	}
	return s.answer(c, s.opt.Level())
}

// The bounds of a page of the trail.
const (
	pageEntries = 100
	mostEntries = 1000
)

// listTrail is GET /v1/admin/audit.
func (s *Server) listTrail(c *call) *wire.Problem {
	if s.opt.Trail == nil {
		return missing("list the audit trail")
	}
	values, p := c.query("after", "limit")
	if p != nil {
		return p
	}
	after, limit := uint64(0), pageEntries
	if text := values.Get("after"); values.Has("after") {
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return invalid("after", "after must be the number of an entry.")
		}
		after = n
	}
	if text := values.Get("limit"); values.Has("limit") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostEntries {
			return invalid("limit", "limit must be 1 to "+strconv.Itoa(mostEntries)+".")
		}
		limit = n
	}
	list, err := s.opt.Trail.List(after, limit+1)
	if err != nil {
		return s.failed(err)
	}
	out := wire.Trail{Entries: list}
	if numbered, ok := s.opt.Trail.(interface{ Newest() (uint64, error) }); ok {
		if out.Newest, err = numbered.Newest(); err != nil {
			return s.failed(err)
		}
	}
	if len(list) > limit {
		out.Entries = list[:limit]
		out.Next = out.Entries[limit-1].Seq
	}
	if out.Entries == nil {
		out.Entries = []audit.Entry{}
	}
	return s.answer(c, out)
}

// failed turns an error of a hook into a problem. Errors of hooks hold neither
// codes nor keys.
func (s *Server) failed(err error) *wire.Problem {
	switch {
	case errors.Is(err, ErrRefused):
		return wire.NewProblem(wire.CodeRefused, err.Error(), "")
	case errors.Is(err, ErrStopping):
		return wire.NewProblem(wire.CodeStopping, "The daemon is starting or stopping.", "Ask again in a moment.")
	case errors.Is(err, ErrJournal), errors.Is(err, audit.ErrNotKept):
		return wire.NewProblem(wire.CodeJournalFailed, err.Error(), `Store IT: "posagent journal verify" with the daemon stopped.`)
	}
	s.log.Error("a request of the admin API failed", "error", err)
	return wire.NewProblem(wire.CodeInternal, err.Error(), "See the daemon's log.")
}
