//go:build !windows

package logx

import "fmt"

func newEventLog() (sink, error) {
	return nil, fmt.Errorf("format %q: %w: only Windows has an Event Log; take text, json or journald", string(FormatEventLog), ErrOptions)
}
