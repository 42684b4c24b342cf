package supervisor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"
)

// The rule of wrong tries: after the fifth in a row comes a wait, which doubles
// with each further one. At the longest wait about a hundred tries a day are
// left, a ten-thousandth of all PINs of six digits. A count is forgotten after a
// day without a wrong try.
const (
	freeTries   = 5
	firstWait   = 30 * time.Second
	longestWait = 15 * time.Minute
	forgotten   = 24 * time.Hour
)

// ErrNobody: no supervisor is set up, so that nobody can allow anything.
var ErrNobody = errors.New("no supervisor is set up; \"posagent supervisor set NAME\" adds one")

// RefusedError refuses a name and PIN. It does not tell which of them is wrong.
type RefusedError struct {
	Left  int       // tries that are left before a wait
	Until time.Time // no try is judged before; zero: at once
}

func (e *RefusedError) Error() string {
	if e.Until.IsZero() {
		return fmt.Sprintf("name or PIN is wrong; %d more tries before a wait", e.Left)
	}
	return "too many wrong PINs; the next is judged at " + e.Until.UTC().Format(time.RFC3339)
}

// Guard judges PINs, one at a time: a hash takes 19 MiB and a good part of a core,
// and payments go on meanwhile. Its methods may be called from any goroutine.
type Guard struct {
	book  Book
	tries string // path of the counts
	log   *slog.Logger
	turn  chan struct{}
}

// NewGuard judges by the book's file as it is at each try: a PIN that was set or
// taken away counts at once. The counts of wrong tries are beside it, in a file of
// the same name with ".tries" behind it.
func NewGuard(book Book, log *slog.Logger) *Guard {
	return &Guard{book: book, tries: book.Path + ".tries", log: log, turn: make(chan struct{}, 1)}
}

// Check returns the supervisor's name as it was set, if the PIN is that
// supervisor's. Errors: *RefusedError, ErrNobody, *FileError, ctx's.
func (g *Guard) Check(ctx context.Context, name string, pin PIN) (string, error) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	all, err := g.book.load()
	if err != nil {
		return "", err
	}
	if len(all) == 0 {
		return "", ErrNobody
	}
	counts, err := g.load()
	if err != nil {
		return "", err
	}
	// An unknown name takes as long, and all of them count as one.
	i, key, entry := find(all, name), "", stored{Name: "(unknown)", hash: all[0].hash}
	if i >= 0 {
		key, entry = strings.ToLower(all[i].Name), all[i]
	}
	now := time.Now()
	c := counts[key].at(now)
	if now.Before(c.Until) {
		return "", &RefusedError{Until: c.Until}
	}
	// The try is durable before it is judged: whoever pulls the plug in between has
	// made a wrong one.
	counts[key] = c.another(now)
	if err := g.save(counts); err != nil {
		return "", err
	}
	if !entry.hash.matches(pin) || i < 0 {
		c := counts[key]
		g.log.Warn("a supervisor's PIN was refused", "supervisor", entry.Name, "wrong_tries", c.Wrong, "wait_until", c.Until)
		return "", &RefusedError{Left: max(0, freeTries-c.Wrong), Until: c.Until}
	}
	delete(counts, key)
	return entry.Name, g.save(counts)
}

// count is what is kept of wrong tries for one name.
type count struct {
	Wrong int       `json:"wrong"`
	Last  time.Time `json:"last"`
	Until time.Time `json:"until,omitzero"`
}

// at is the count as it stands now. A clock that was set back must not lock a
// supervisor out for a year.
func (c count) at(now time.Time) count {
	if age := now.Sub(c.Last); age >= forgotten {
		return count{}
	}
	if latest := now.Add(longestWait); c.Until.After(latest) {
		c.Until = latest
	}
	return c
}

func (c count) another(now time.Time) count {
	c.Wrong++
	c.Last, c.Until = now.UTC(), time.Time{}
	if over := c.Wrong - freeTries; over >= 0 {
		wait := longestWait
		if over < 10 { // beyond, the shift would have no meaning
			wait = min(longestWait, firstWait<<over)
		}
		c.Until = c.Last.Add(wait)
	}
	return c
}

func (g *Guard) load() (map[string]count, error) {
	data, err := read(g.tries)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]count{}, nil
	}
	if err != nil {
		return nil, err
	}
	var counts map[string]count
	if err := json.Unmarshal(data, &counts); err != nil || counts == nil {
		return nil, &FileError{Path: g.tries, Problem: "is damaged", Hint: "remove it: it holds nothing but the counts of wrong PINs"}
	}
	return counts, nil
}

func (g *Guard) save(counts map[string]count) error {
	body, err := json.Marshal(counts)
	if err != nil {
		return fmt.Errorf("writing %s: %w", g.tries, err)
	}
	return replace(g.tries, append(body, '\n'))
}
