package logx

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	repeatLimit  = 5           // equal lines in a window that are written
	repeatWindow = time.Minute // doubles while the line keeps coming ...
	repeatLong   = time.Hour   // ... up to this
	repeatKeys   = 1000        // different lines that are remembered
)

// repeats leaves out lines that say the same again and again: the first five in a minute are written; of the rest, one
// line at the end of the window says how many there were. While the line keeps coming, windows grow to an hour, each
// with that one line alone. That holds for warnings and errors. Lines about money always pass: they are evidence.
type repeats struct {
	fields names

	mu   sync.Mutex
	seen map[string]*repeated
}

// repeated is one line that was seen.
type repeated struct {
	written int
	more    int // left out in this window
	window  time.Duration
	ends    time.Time
	last    entry // the newest that was left out
}

func newRepeats(fields names) *repeats { return &repeats{fields: fields, seen: map[string]*repeated{}} }

// admit tells whether the line is to be written, and whether the writer has to look at the windows' ends anew.
func (r *repeats) admit(e *entry, now time.Time) (pass, look bool) {
	if e.level < slog.LevelWarn {
		return true, false
	}
	key := r.key(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.seen[key]
	switch {
	case s == nil && len(r.seen) >= repeatKeys && !r.makeRoom(now):
		return true, false // a flood of different lines is no repetition
	case s == nil || s.more == 0 && !now.Before(s.ends):
		r.seen[key] = &repeated{written: 1, window: repeatWindow, ends: now.Add(repeatWindow)}
		return true, false
	case s.written < repeatLimit && s.window == repeatWindow && now.Before(s.ends):
		s.written++
		return true, false
	}
	s.more++
	s.last = e.frozen()
	return false, s.more == 1
}

// makeRoom forgets lines whose window is over.
func (r *repeats) makeRoom(now time.Time) bool {
	for key, s := range r.seen {
		if s.more == 0 && !now.Before(s.ends) {
			delete(r.seen, key)
		}
	}
	return len(r.seen) < repeatKeys
}

// due returns the lines that tell of what was left out in windows that are over, or in all of them.
func (r *repeats) due(now time.Time, all bool) (out []entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, s := range r.seen {
		if !all && now.Before(s.ends) {
			continue
		}
		if s.more == 0 {
			delete(r.seen, key)
			continue
		}
		e := s.last
		e.at = now
		e.message += fmt.Sprintf("; repeated %d times", s.more)
		e.fields = append(e.fields[:len(e.fields):len(e.fields)],
			field{"repeated", slog.IntValue(s.more)}, field{"window", slog.StringValue(s.window.String())})
		out = append(out, e)
		s.more, s.last = 0, entry{}
		s.window = min(2*s.window, repeatLong)
		s.ends = now.Add(s.window)
	}
	return out
}

// next is when the first window ends of which a line must tell; zero: none.
func (r *repeats) next() (at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.seen {
		if s.more > 0 && (at.IsZero() || s.ends.Before(at)) {
			at = s.ends
		}
	}
	return at
}

// key is what two lines have in common that say the same: level, message, and the fields that say of whom. Errors
// count without their digits: each failed connection has another port in it.
func (r *repeats) key(e *entry) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(int(e.level)))
	b.WriteByte(0)
	b.WriteString(e.message)
	for _, f := range e.fields {
		switch {
		case r.fields[f.key].same:
			b.WriteString("\x00" + f.key + "=" + plain(f.value))
		case f.key == "error":
			b.WriteString("\x00" + withoutDigits(plain(f.value)))
		}
	}
	return b.String()
}

// withoutDigits has one 0 for every number.
func withoutDigits(text string) string {
	inside := false
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			inside = false
			return r
		}
		if inside {
			return -1
		}
		inside = true
		return '0'
	}, text)
}
