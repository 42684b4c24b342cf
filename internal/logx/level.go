package logx

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// LevelState tells which lines are written.
type LevelState struct {
	Level      string     `json:"level"`           // debug, info, warn or error
	Configured string     `json:"configured"`      // the level that is not for a time
	Until      *time.Time `json:"until,omitempty"` // when Level goes back to Configured by itself
}

func parseLevel(name string) (slog.Level, error) {
	switch strings.ToLower(name) {
	case "", "info":
		return slog.LevelInfo, nil
	case "debug":
		return slog.LevelDebug, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, fmt.Errorf("level %q: %w; it can be debug, info, warn or error", name, ErrOptions)
}

// SetLevel changes the least level that is written, for good: debug, info, warn or error; empty is info. A level that
// was set for a time stays until its time is over, and this one follows it.
func (l *Log) SetLevel(name string) error {
	level, err := parseLevel(name)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.configured = level
	if l.back == nil {
		l.change(level, time.Time{})
	}
	return nil
}

// SetLevelFor changes the least level that is written for a time, after which it goes back by itself: "debug for 15
// minutes". A further call replaces the one before; a duration of 0 or less goes back at once.
func (l *Log) SetLevelFor(name string, d time.Duration) error {
	level, err := parseLevel(name)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.back != nil {
		l.back.Stop()
		l.back = nil
	}
	if d <= 0 || l.ended {
		l.change(l.configured, time.Time{})
		return nil
	}
	l.until = time.Now().Add(d)
	var own *time.Timer
	own = time.AfterFunc(d, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.back == own { // not replaced meanwhile
			l.back = nil
			l.change(l.configured, time.Time{})
		}
	})
	l.back = own
	l.change(level, l.until)
	return nil
}

// Level tells which lines are written, and until when.
func (l *Log) Level() LevelState {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := LevelState{Level: levelName(l.level.Level()), Configured: levelName(l.configured)}
	if l.back != nil {
		until := l.until
		s.Until = &until
	}
	return s
}

// change sets the level and says so, whatever the level is. The caller holds l.mu.
func (l *Log) change(level slog.Level, until time.Time) {
	if l.level.Level() == level && until.IsZero() {
		return
	}
	l.level.Set(level)
	if l.handover == nil { // it is being built
		return
	}
	e := entry{at: time.Now(), level: slog.LevelInfo, message: "the level of the log is " + levelName(level), fields: []field{
		{"action", slog.StringValue(string(ActionLogLevel))}, {"log_level", slog.StringValue(levelName(level))},
	}}
	if !until.IsZero() {
		e.fields = append(e.fields, field{"until", slog.TimeValue(until.UTC())})
	}
	l.take(&e)
}
