package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"posagent/internal/finding"
)

// Exit codes, as scripts may rely on them.
const (
	exitDone        = 0
	exitFailure     = 1
	exitUsage       = 2  // usage or configuration
	exitNotRunning  = 3  // no daemon answers
	exitPermission  = 4  // the daemon or a file is out of reach for this user
	exitDegraded    = 5  // running, but something needs attention
	exitUnfinished  = 6  // unfinished sales present
	exitDamaged     = 7  // the journal is damaged
	exitDeclined    = 10 // the payment was refused
	exitCancelled   = 11 // the sale was cancelled
	exitAttention   = 12 // a person must look
	exitExpired     = 13 // no code came in time
	exitTemporarily = 75 // try again later
)

// exitError carries an exit code through the command tree. Quiet ones have said
// what they had to say already.
type exitError struct {
	code  int
	err   error
	quiet bool
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// withExit gives an error an exit code; nil stays nil.
func withExit(code int, err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: code, err: err}
}

// quietly ends with a code and no further word.
func quietly(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code: code, quiet: true}
}

// exitOf maps an error to the exit code.
func exitOf(err error) int {
	var coded *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		return coded.code
	case errors.Is(err, fs.ErrPermission):
		return exitPermission
	case errors.Is(err, context.DeadlineExceeded):
		return exitTemporarily
	}
	return exitFailure
}

// findingsExit tells a script the worst of what was found.
func findingsExit(list []finding.Finding) int {
	switch finding.Worst(list) {
	case finding.Fail:
		return exitFailure
	case finding.Warn:
		return exitDegraded
	case finding.Pass:
	}
	return exitDone
}
