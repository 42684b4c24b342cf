package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"posagent/internal/logx"
)

// Action is what was done. The words are durable: they stand in journals and in
// the exports that finance keeps. A new one is added, none is renamed.
type Action string

// The actions.
const (
	Start        Action = "start"         // the daemon came up
	Stop         Action = "stop"          // the daemon ended in order
	Drain        Action = "drain"         // no new sale from here on
	Resume       Action = "resume"        // sales again
	Reload       Action = "reload"        // configuration read again
	ConfigReturn Action = "config_return" // the configuration before was taken back by itself
	LogLevel     Action = "log_level"     // how much is logged
	Attention    Action = "attention"     // the sales that need a person were handed out
	Resolve      Action = "resolve"       // a person decided about a sale
	Verify       Action = "verify"        // the journal was checked
	Backup       Action = "backup"        // a copy of the journal was handed out
	Bundle       Action = "bundle"        // a support bundle was handed out
	AuditList    Action = "audit"         // this trail was handed out
	Status       Action = "status"        // the state of the till was handed out
	Repair       Action = "repair"        // the journal was rebuilt from what could be read
	Access       Action = "access"        // somebody without the right to ask, whatever was asked
)

// Result is how it ended.
type Result string

// The results.
const (
	Done    Result = "done"    // as asked
	Failed  Result = "failed"  // it was tried, and Error says what went wrong
	Refused Result = "refused" // not even tried: no right, or not now
)

// Entry is one line of the trail.
type Entry struct {
	Seq     uint64            `json:"seq"` // from 1, given by the trail
	At      time.Time         `json:"at"`  // given by the trail where it is zero
	Actor   string            `json:"actor"`
	Role    string            `json:"role,omitempty"` // by which right: read, operate, money
	Via     string            `json:"via,omitempty"`  // how they came: socket, tls, signal, service
	Action  Action            `json:"action"`
	Subject string            `json:"subject,omitempty"` // about what: a sale, a file
	Detail  map[string]string `json:"detail,omitempty"`
	Result  Result            `json:"result"`
	Error   string            `json:"error,omitempty"`
	// Lost is how many entries right before this one a repair of the journal
	// could not read. Numbers stay unbroken with it.
	Lost uint64 `json:"lost,omitempty"`
}

// Actor is who asks: a name, the right, and the way.
type Actor struct {
	Name string // the certificate's subject, or "uid 0 (root)", or "posagent"
	Role string
	Via  string
}

// Self is the daemon acting by itself.
func Self() Actor { return Actor{Name: "posagent", Via: "service"} }

// Entry begins an entry for what the actor did. It counts as done until Fail or
// Refuse says otherwise.
func (a Actor) Entry(action Action, subject string) Entry {
	return Entry{Actor: a.Name, Role: a.Role, Via: a.Via, Action: action, Subject: subject, Result: Done}
}

// Outcome returns the entry with its result: failed with the error's words where
// err is not nil.
func (e Entry) Outcome(err error) Entry {
	if err != nil {
		e.Result, e.Error = Failed, err.Error()
	}
	return e
}

// With returns the entry with one more detail.
func (e Entry) With(key, value string) Entry {
	e.Detail = maps.Clone(e.Detail)
	if e.Detail == nil {
		e.Detail = map[string]string{}
	}
	e.Detail[key] = value
	return e
}

// Limits of one entry: an actor's name comes from a certificate, an error from
// anywhere, and neither may make a record that the journal refuses.
const (
	longestField = 300
	longestError = 1000
	mostDetails  = 24
)

// Clean returns the entry as it may be kept: payment codes and keys masked, every
// text within its limit, on one line.
func (e Entry) Clean() Entry {
	e.Actor, e.Role, e.Via = field(e.Actor, longestField), field(e.Role, longestField), field(e.Via, longestField)
	e.Subject, e.Error = field(e.Subject, longestField), field(e.Error, longestError)
	e.At = e.At.UTC().Round(0)
	if len(e.Detail) == 0 {
		e.Detail = nil
		return e
	}
	keys := slices.Sorted(maps.Keys(e.Detail))
	out := make(map[string]string, len(keys))
	for _, k := range keys[:min(len(keys), mostDetails)] {
		out[field(k, longestField)] = field(e.Detail[k], longestError)
	}
	e.Detail = out
	return e
}

func field(s string, most int) string {
	masked, _ := logx.Mask([]byte(s))
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, string(masked))
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}

// Check tells what is wrong with a stored entry. A word that this version does
// not know is not: a newer one may have written it.
func (e Entry) Check() error {
	var errs []error
	if e.At.IsZero() {
		errs = append(errs, errors.New("without a time"))
	}
	if e.Actor == "" {
		errs = append(errs, errors.New("without an actor"))
	}
	if !word(string(e.Action)) {
		errs = append(errs, fmt.Errorf("action %q is no word", e.Action))
	}
	if !word(string(e.Result)) {
		errs = append(errs, fmt.Errorf("result %q is no word", e.Result))
	}
	return errors.Join(errs...)
}

func word(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && r != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 40
}
