//go:build !unix

package logx

import "fmt"

func newJournald() (sink, error) {
	return nil, fmt.Errorf("format %q: %w: this system has no systemd journal; take text or eventlog", string(FormatJournald), ErrOptions)
}

func stderrIsJournal() bool { return false }
