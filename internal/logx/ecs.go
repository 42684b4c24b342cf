package logx

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
)

// ecsVersion is the version of the Elastic Common Schema whose names are used.
const ecsVersion = "8.17.0"

// Service says who writes the log; it stands in every line of JSON.
type Service struct {
	Version string // service.version
	Node    string // service.node.name: store and till
	Host    string // host.name
	PID     int    // process.pid
}

// attrs are the fields that every line of JSON has.
func (s Service) attrs() []slog.Attr {
	list := []slog.Attr{slog.String("ecs.version", ecsVersion), slog.String("service.name", "posagent")}
	for _, a := range []struct{ name, value string }{{"service.version", s.Version}, {"service.node.name", s.Node}, {"host.name", s.Host}} {
		if a.value != "" {
			list = append(list, slog.String(a.name, a.value))
		}
	}
	if s.PID != 0 {
		list = append(list, slog.Int("process.pid", s.PID))
	}
	return list
}

// names translates short names into those of the schema.
type names map[string]Field

func (n names) ecs(key string) string {
	if f, ok := n[key]; ok {
		return f.ECS
	}
	return ecsName(key)
}

// jsonLine is the entry as one line of JSON: @timestamp, log.level and message first, as the schema's logging
// specification asks, then the service, then the fields, dotted.
func (n names) jsonLine(e *entry, service []slog.Attr) []byte {
	var out bytes.Buffer
	h := slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug - 4, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch {
		case a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime:
			a.Key = "@timestamp"
		case a.Key == slog.LevelKey:
			return slog.String("log.level", levelName(e.level))
		case a.Key == slog.MessageKey:
			a.Key = "message"
		}
		return a
	}})
	r := slog.NewRecord(e.at.UTC(), e.level, e.message, 0)
	r.AddAttrs(service...)
	r.AddAttrs(n.attrs(e)...)
	_ = h.Handle(context.Background(), r) // a buffer takes everything
	return out.Bytes()
}

// attrs are the fields by their names of the schema, each once: JSON with a name twice is read in as many ways as there
// are readers. The last one counts.
func (n names) attrs(e *entry) []slog.Attr {
	list := make([]slog.Attr, 0, len(e.fields)+1)
	add := func(name string, v slog.Value) {
		for i := range list {
			if list[i].Key == name {
				list[i].Value = v
				return
			}
		}
		list = append(list, slog.Attr{Key: name, Value: v})
	}
	outcome, result := "", false
	for _, f := range e.fields {
		add(n.ecs(f.key), f.value)
		switch f.key {
		case "outcome":
			outcome = f.value.String()
		case "result":
			result = true
			add("event.outcome", slog.StringValue(ecsOutcome(f.value.String())))
		}
	}
	if outcome != "" && !result {
		add("event.outcome", slog.StringValue(ecsOutcome(outcome)))
	}
	return list
}

// ecsOutcome is one of the three words that the schema has for what a message achieved.
func ecsOutcome(kind string) string {
	switch kind {
	case "success", "done":
		return "success"
	case "failure", "failed", "refused", "too_late", "not_sent":
		return "failure"
	}
	return "unknown"
}

func levelName(l slog.Level) string { return strings.ToLower(l.String()) }
