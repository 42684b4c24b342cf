// Package health is a small registry of what is wrong with the till right now.
//
// Whoever notices a condition sets a Warning under a stable code and clears it
// when the condition is over. Whoever shows or sells asks for the Snapshot. A
// condition may be given a time to become visible, so that a cable that was
// bumped for 200 ms does not alarm the cashier; one that blocks selling counts
// at once.
package health

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Severity says what a warning means for the till. The words are part of the
// local API.
type Severity string

// The severities.
const (
	BlocksSelling Severity = "blocks_selling" // no sale is opened while it stands
	Warn          Severity = "warning"        // somebody should act; selling goes on
	Info          Severity = "info"           // good to know
)

func (s Severity) rank() int {
	switch s {
	case BlocksSelling:
		return 0
	case Warn:
		return 1
	case Info:
	}
	return 2
}

// Code names a condition. Codes are stable: monitoring and translations are
// keyed by them.
type Code string

// Warning is one condition that stands now.
type Warning struct {
	Code Code `json:"code"`
	// Subject tells several of one code apart, such as a scanner's name.
	Subject  string   `json:"subject,omitempty"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`            // a few words
	Text     string   `json:"text"`             // what is wrong
	Remedy   string   `json:"remedy,omitempty"` // what to do, and who

	// Since is when the condition was first set. Set fills it in.
	Since time.Time `json:"since"`
	// VisibleAfter keeps the warning out of sight until it has stood this long.
	// A warning that blocks selling is never hidden.
	VisibleAfter time.Duration `json:"-"`
}

type key struct {
	code    Code
	subject string
}

type entry struct {
	Warning
	visible bool
	reveal  *time.Timer // of a warning that is not visible yet
}

// Registry holds the conditions that stand. Its methods may be called from any
// goroutine and never block for long.
type Registry struct {
	mu      sync.Mutex
	entries map[key]*entry
	changed chan struct{} // closed and replaced whenever the visible picture changes
}

// New returns an empty registry.
func New() *Registry {
	return &Registry{entries: map[key]*entry{}, changed: make(chan struct{})}
}

// Set raises a warning, or brings its text up to date; Since stays that of the
// first Set. Setting what stands already is no change.
func (r *Registry) Set(w Warning) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := key{w.Code, w.Subject}
	e := r.entries[k]
	if e == nil {
		w.Since = time.Now()
		e = &entry{Warning: w}
		r.entries[k] = e
		r.show(k, e)
		return
	}
	w.Since = e.Since
	if e.Warning == w {
		return
	}
	e.Warning = w
	if e.visible {
		r.notify()
		return
	}
	e.reveal.Stop()
	r.show(k, e)
}

// show makes an entry visible now, or plans it.
func (r *Registry) show(k key, e *entry) {
	left := e.VisibleAfter - time.Since(e.Since)
	if left <= 0 || e.Severity == BlocksSelling {
		e.visible = true
		r.notify()
		return
	}
	e.reveal = time.AfterFunc(left, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.entries[k] == e && !e.visible { // else cleared or changed while the timer fired
			e.visible = true
			r.notify()
		}
	})
}

// Clear takes a warning back. One that does not stand is no error.
func (r *Registry) Clear(code Code) { r.ClearSubject(code, "") }

// ClearSubject takes back the warning about one subject.
func (r *Registry) ClearSubject(code Code, subject string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := key{code, subject}
	e := r.entries[k]
	if e == nil {
		return
	}
	delete(r.entries, k)
	if e.reveal != nil {
		e.reveal.Stop()
	}
	if e.visible {
		r.notify()
	}
}

// Snapshot lists the visible warnings: what blocks selling first, then by code
// and subject. The slice is the caller's.
func (r *Registry) Snapshot() []Warning {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []Warning{}
	for _, e := range r.entries {
		if e.visible {
			list = append(list, e.Warning)
		}
	}
	slices.SortFunc(list, func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
	})
	return list
}

// Blocking lists what keeps the till from selling.
func (r *Registry) Blocking() []Warning {
	return slices.DeleteFunc(r.Snapshot(), func(w Warning) bool { return w.Severity != BlocksSelling })
}

// Changed returns a channel that is closed at the next change of the visible
// picture. Take the channel first and Snapshot after it, or a change in between
// goes unseen.
func (r *Registry) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

func (r *Registry) notify() {
	close(r.changed)
	r.changed = make(chan struct{})
}
