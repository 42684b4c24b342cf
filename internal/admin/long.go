package admin

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"posagent/internal/admin/wire"
	"posagent/internal/jsonapi"
)

// longPatience is how long a client may take for a copy of the journal: a copy
// holds pages of the file back while it lasts.
const longPatience = 10 * time.Minute

// verifyPatience is how long a check of the journal may take.
const verifyPatience = 30 * time.Minute

func withTimeout(c *call, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.r.Context(), d)
}

// verify is POST /v1/admin/journal/verify: what is wrong is in the answer.
func (s *Server) verify(c *call) *wire.Problem {
	if s.opt.Verify == nil {
		return wire.NewProblem(wire.CodeJournalFailed, "The journal does not open.", `Store IT: "posagent journal verify" with the daemon stopped.`)
	}
	if p := c.read(&struct{}{}); p != nil {
		return p
	}
	done := s.turn("/v1/admin/journal/verify")
	if done == nil {
		return busy()
	}
	defer done()
	jsonapi.Patience(c.w, verifyPatience)
	begun := time.Now()
	out, err := s.opt.Verify(c.r.Context())
	if err != nil {
		return s.failed(err)
	}
	out.TookMS = time.Since(begun).Milliseconds()
	if out.Findings == nil {
		out.Findings = []string{}
	}
	c.entry = c.entry.With("ok", strconv.FormatBool(out.OK))
	return s.answer(c, out)
}

// backup is POST /v1/admin/journal/backup: a copy of the journal as it stands,
// application/octet-stream. A copy that breaks off ends without the last chunk;
// whoever keeps it must verify it.
func (s *Server) backup(c *call) *wire.Problem {
	if s.opt.Backup == nil {
		return wire.NewProblem(wire.CodeJournalFailed, "The journal does not open, so that there is nothing to copy.",
			`Store IT: "posagent journal verify" with the daemon stopped.`)
	}
	return s.stream(c, "/v1/admin/journal/backup", "application/octet-stream", s.opt.Backup)
}

// bundle is POST /v1/admin/support-bundle: a zip.
func (s *Server) bundle(c *call) *wire.Problem {
	if s.opt.Bundle == nil {
		return missing("make a support bundle")
	}
	return s.stream(c, "/v1/admin/support-bundle", "application/zip", func(w io.Writer) (int64, error) {
		return 0, s.opt.Bundle(c.r.Context(), w)
	})
}

// stream hands out what is written as it is written.
func (s *Server) stream(c *call, path, kind string, write func(io.Writer) (int64, error)) *wire.Problem {
	if p := c.read(&struct{}{}); p != nil {
		return p
	}
	done := s.turn(path)
	if done == nil {
		return busy()
	}
	defer done()
	jsonapi.Patience(c.w, longPatience)
	out := &counted{w: c.w, kind: kind, ctx: c.r.Context()}
	_, err := write(out)
	c.entry = c.entry.With("bytes", strconv.FormatInt(out.n, 10))
	if err != nil {
		c.unsent = out.n > 0
		return s.failed(err)
	}
	out.begin()
	return nil
}

// counted writes an answer whose head is sent with its first bytes, so that what
// fails before them is answered as a problem.
type counted struct {
	w    http.ResponseWriter
	ctx  context.Context
	kind string
	n    int64
	sent bool
}

func (c *counted) begin() {
	if !c.sent {
		c.sent = true
		c.w.Header().Set("Content-Type", c.kind)
		c.w.WriteHeader(http.StatusOK)
	}
}

// Write stops where the client is gone or the daemon stops.
func (c *counted) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	c.begin()
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
