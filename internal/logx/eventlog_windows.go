package logx

import (
	"fmt"
	"log/slog"
	"syscall"

	"golang.org/x/sys/windows/svc/eventlog"
)

// eventLog writes to the Windows Event Log, as the source that the installer registers.
type eventLog struct{ log *eventlog.Log }

func newEventLog() (sink, error) {
	l, err := eventlog.Open(EventSource)
	if err != nil {
		return nil, fmt.Errorf("opening the Windows Event Log as source %s: %w", EventSource, err)
	}
	return &eventLog{l}, nil
}

func (w *eventLog) put(e *event) error {
	text := eventText(e)
	switch {
	case e.level >= slog.LevelError:
		return w.log.Error(e.id, text)
	case e.level >= slog.LevelWarn:
		return w.log.Warning(e.id, text)
	}
	return w.log.Info(e.id, text)
}

func (w *eventLog) close() error {
	if err := w.log.Close(); err != nil && err != syscall.Errno(0) {
		return fmt.Errorf("closing the Windows Event Log: %w", err)
	}
	return nil
}
