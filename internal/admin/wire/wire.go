// Package wire has the shapes of the admin API's answers, for the server and for
// its client. Times are RFC 3339 in UTC.
package wire

import (
	"encoding/json"
	"time"

	"posagent/internal/audit"
)

// Drain is how far a till has come that takes no new sale.
type Drain struct {
	Draining   bool       `json:"draining"`             // no new sale is opened
	Since      *time.Time `json:"since,omitempty"`      // of that
	By         string     `json:"by,omitempty"`         // who asked for it
	Kept       bool       `json:"kept"`                 // it outlives a restart
	Drained    bool       `json:"drained"`              // and nobody stands at the till any more
	Foreground string     `json:"foreground,omitempty"` // the sale whose end is waited for
	Open       int        `json:"open"`                 // sales that go on in the background; a stop leaves them to the next start
	Attention  int        `json:"attention"`            // of them, those that wait for a person
}

// LogLevel is which lines are written.
type LogLevel struct {
	Level      string     `json:"level"`           // debug, info, warn or error
	Configured string     `json:"configured"`      // the level that is not for a time
	Until      *time.Time `json:"until,omitempty"` // when Level goes back to Configured by itself
}

// Verified is what a check of the journal counted and found.
type Verified struct {
	OK        bool     `json:"ok"`
	Schema    int      `json:"schema"`
	Sales     int      `json:"sales"`
	Unsettled int      `json:"unsettled"` // of the sales
	Payments  int      `json:"payments"`
	Refunds   int      `json:"refunds"`
	Events    int      `json:"events"`
	Audit     int      `json:"auditEntries"`
	Findings  []string `json:"findings"` // what is wrong; the first 1000
	More      int      `json:"more"`     // findings beyond those
	TookMS    int64    `json:"tookMs"`
}

// Trail is a page of the audit trail, in the order of the entries.
type Trail struct {
	Entries []audit.Entry `json:"entries"`
	Next    uint64        `json:"next"`   // "after" of the next page; 0: there is none
	Newest  uint64        `json:"newest"` // number of the newest entry; 0: there is none, or it is not known
}

// Version is the program that runs.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	// JournalSchema is the newest layout of the journal that this program reads.
	JournalSchema int `json:"journalSchema"`
}

// Status is the whole picture: how far a drain has come, and the local API's status.
type Status struct {
	Drain Drain           `json:"drain"`
	Till  json.RawMessage `json:"till"` // as GET /v1/status of the local API
}
