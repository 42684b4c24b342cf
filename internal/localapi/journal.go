package localapi

import (
	"io"
	"net/http"
	"time"

	"posagent/internal/jsonapi"
	"posagent/internal/localapi/wire"
)

// copyPatience is how long a client may take for a whole copy of the journal: a
// copy holds pages of the file back while it lasts.
const copyPatience = 5 * time.Minute

// getJournal is GET /v1/journal: a copy of the journal's file as it stands, for
// backup, export and verification while the daemon has the file. It answers
// application/octet-stream. A copy that breaks off is seen by its length or by
// its verification: whoever keeps it must verify it.
func (s *Server) getJournal(w http.ResponseWriter, r *http.Request) {
	if _, p := query(r); p != nil {
		s.problem(w, p)
		return
	}
	if s.opt.CopyJournal == nil {
		s.problem(w, wire.NewProblem(wire.CodeJournalFailed, "The journal does not open, so that there is nothing to copy.",
			"Store IT: \"posagent journal verify\" with the daemon stopped."))
		return
	}
	jsonapi.Patience(w, copyPatience)
	w.Header().Set("Content-Type", "application/octet-stream")
	if r.Method == http.MethodHead {
		return
	}
	if _, err := s.opt.CopyJournal(w); err != nil {
		s.log.Warn("a copy of the journal broke off", "error", err)
		panic(http.ErrAbortHandler) // the client must not take a part for the whole
	}
}

// CopyJournal writes a copy of the journal as it stands; *queue.Journal's Backup
// is one.
type CopyJournal func(w io.Writer) (int64, error)
