package shift

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"posagent/internal/atomicfile"
)

// MostOpen is how many open sales a closed shift names; its count knows all.
const MostOpen = 200

// keep is how many closed shifts are kept: a year of three a day.
const keep = 1100

// FileError is what is wrong with the file of shifts.
type FileError struct {
	Path, Problem, Hint string
	Err                 error
}

// Error names file, problem and remedy.
func (e *FileError) Error() string { return e.Path + ": " + e.Problem + "; " + e.Hint }

// Unwrap gives the system's error.
func (e *FileError) Unwrap() error { return e.Err }

const version = 1

// book is the file.
type book struct {
	Version int     `json:"version"`
	Begin   begin   `json:"begin"` // of the open shift
	Next    int     `json:"next"`  // its number
	Shifts  []Shift `json:"shifts"`
}

type begin struct {
	Event uint64    `json:"event"`
	At    time.Time `json:"at"`
}

func (m mark) stored() begin { return begin{m.event, m.at} }
func (b begin) mark() mark   { return mark{b.Event, b.At} }

func (b *book) find(id string) *Shift {
	i := slices.IndexFunc(b.Shifts, func(s Shift) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &b.Shifts[i]
}

// load reads the file, or makes it: the first shift begins now.
func (l *Ledger) load(now time.Time) (book, error) {
	data, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		last, err := l.journal.LastEvent()
		if err != nil {
			return book{}, err
		}
		fresh := book{Version: version, Begin: begin{last, now.UTC().Truncate(time.Millisecond)}, Next: 1}
		return fresh, l.save(fresh)
	}
	if err != nil {
		return book{}, &FileError{l.path, "cannot be read", "check that the file belongs to the user of the daemon", err}
	}
	var b book
	if err := json.Unmarshal(data, &b); err != nil || b.Version != version || b.Next < 1 {
		return book{}, &FileError{
			l.path, "is damaged, or of another version",
			"put it back from a backup, or remove it: the next shift then begins at the next start, and its number at 1", err,
		}
	}
	return b, nil
}

func (l *Ledger) save(b book) error {
	b.Shifts = b.Shifts[max(0, len(b.Shifts)-keep):]
	body, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", l.path, err)
	}
	if err := atomicfile.Replace(l.path, append(body, '\n')); err != nil {
		return &FileError{l.path, "cannot be written", "check that the directory belongs to the user of the daemon, and has room", err}
	}
	return nil
}
