package logx

import (
	"log/slog"
	"strings"
	"time"
)

// event is one line for a system's log, which has fields of its own.
type event struct {
	at     time.Time
	level  slog.Level
	id     uint32            // Windows' event id
	text   string            // for people
	fields map[string]string // by journal names
}

func (e *event) size() int {
	n := len(e.text)
	for name, value := range e.fields {
		n += len(name) + len(value) + 32
	}
	return n
}

// newEvent makes the event of an entry.
func (n names) newEvent(e *entry, actions map[string]ActionInfo, service Service) *event {
	out := &event{at: e.at, level: e.level, text: readableText(e), fields: map[string]string{"SYSLOG_IDENTIFIER": "posagent"}}
	for _, a := range n.attrs(e) {
		out.fields[JournalName(a.Key)] = plain(a.Value)
	}
	for name, value := range map[string]string{"SERVICE_VERSION": service.Version, "SERVICE_NODE_NAME": service.Node} {
		if value != "" {
			out.fields[name] = value
		}
	}
	switch a, known := actions[e.action()]; {
	case e.has("actor"):
		out.id = eventAudit
	case known:
		out.id = a.EventID
	case e.level >= slog.LevelError:
		out.id = eventError
	case e.level >= slog.LevelWarn:
		out.id = eventWarn
	default:
		out.id = eventInfo
	}
	return out
}

// mask searches every text of the event, and returns how many secrets it found.
func (e *event) mask() (found int) {
	clean := func(text string) string {
		masked, n := Mask([]byte(text))
		found += n
		return string(masked)
	}
	e.text = clean(e.text)
	for name, value := range e.fields {
		if clean(name) != name {
			delete(e.fields, name)
			name = "MASKED_NAME"
		}
		e.fields[name] = clean(value)
	}
	return found
}

// sink is a system's log.
type sink interface {
	put(e *event) error
	close() error
}

// oneLine keeps a system's log from showing one entry as several.
func oneLine(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\\n"), "\n", "\\n")
}
