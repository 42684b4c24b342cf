package config

import "runtime"

// checkLog refuses a system's log that this system does not have, and a file beside it.
func (l *loader) checkLog() {
	log := l.cfg.Log
	switch log.Format {
	case LogText, LogJSON:
		return
	case LogJournald:
		if runtime.GOOS == "windows" {
			l.fault("log.format", `is "journald", and Windows has no systemd journal`, `write "eventlog", "text" or "json"`)
		}
	case LogEventLog:
		if runtime.GOOS != "windows" {
			l.fault("log.format", `is "eventlog", and only Windows has an Event Log`, `write "journald", "text" or "json"`)
		}
	}
	if log.File != "" {
		l.fault("log.file", "is set, and format "+string(log.Format)+" writes no file", `leave one of them out: a file takes "text" or "json"`)
	}
}
