package logx

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// entry is one line before it has a shape: groups are gone, and every value is resolved.
type entry struct {
	at      time.Time
	level   slog.Level
	message string
	fields  []field
}

func (e *entry) has(key string) bool {
	return slices.ContainsFunc(e.fields, func(f field) bool { return f.key == key })
}

// frozen is the entry with nothing in it that may still change.
func (e *entry) frozen() entry {
	out := *e
	out.fields = make([]field, len(e.fields))
	for i, f := range e.fields {
		if f.value.Kind() == slog.KindAny {
			f.value = slog.StringValue(plain(f.value))
		}
		out.fields[i] = f
	}
	return out
}

type field struct {
	key   string // short, with dots for groups
	value slog.Value
}

func (e *entry) action() string {
	for _, f := range e.fields {
		if f.key == "action" {
			return f.value.String()
		}
	}
	return ""
}

// flatten adds an attribute, or what a group holds.
func flatten(into []field, group string, a slog.Attr) []field {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, inner := range v.Group() {
			into = flatten(into, group, inner)
		}
		return into
	}
	if a.Equal(slog.Attr{}) {
		return into
	}
	return append(into, field{group + a.Key, readable(v)})
}

// readable has times in UTC, so that logs of several tills can be laid side by side, and durations in words: slog's JSON
// gives nanoseconds, which nobody reads and which can look like a payment code. Errors become their text at once: what
// they point to may change before the line is written.
func readable(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindTime:
		return slog.TimeValue(v.Time().UTC())
	case slog.KindDuration:
		return slog.StringValue(v.Duration().Round(time.Microsecond).String())
	case slog.KindFloat64:
		if f := v.Float64(); math.IsNaN(f) || math.IsInf(f, 0) { // JSON has no such number
			return slog.StringValue(strconv.FormatFloat(f, 'g', -1, 64))
		}
	case slog.KindAny:
		if err, ok := v.Any().(error); ok {
			return slog.StringValue(errorText(err))
		}
		if reflect.ValueOf(v.Any()).Kind() == reflect.String {
			return slog.StringValue(fmt.Sprint(v.Any())) // by its own String or Format, where it masks itself
		}
	case slog.KindString, slog.KindInt64, slog.KindUint64, slog.KindBool, slog.KindGroup, slog.KindLogValuer:
	}
	return v
}

// errorText survives an error that panics, such as a nil pointer in an interface.
func errorText(err error) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprintf("an error that cannot be printed: %T", err)
		}
	}()
	return err.Error()
}

// plain is a value as text.
func plain(v slog.Value) string {
	if v.Kind() == slog.KindTime {
		return v.Time().Format(time.RFC3339Nano)
	}
	if v.Kind() != slog.KindAny {
		return v.String()
	}
	switch value := v.Any().(type) {
	case []byte:
		return string(value)
	case fmt.Stringer:
		return v.String()
	default:
		if text, err := json.Marshal(value); err == nil {
			return string(text)
		}
		return v.String()
	}
}

// textLine is the entry as slog's text: time, level, msg, fields.
func textLine(e *entry) []byte {
	var out bytes.Buffer
	h := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug - 4})
	_ = h.Handle(context.Background(), record(e, func(key string) string { return key })) // a buffer takes everything
	return out.Bytes()
}

// readableText is the entry for people, without the time and level that the system's log adds by itself.
func readableText(e *entry) string {
	if len(e.fields) == 0 {
		return e.message
	}
	var out bytes.Buffer
	h := slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
			return slog.Attr{}
		}
		return a
	}, Level: slog.LevelDebug - 4})
	r := record(e, func(key string) string {
		if key == slog.LevelKey || key == slog.MessageKey {
			return key + "_"
		}
		return key
	})
	r.Time = time.Time{}
	_ = h.Handle(context.Background(), r) // a buffer takes everything
	return e.message + ": " + strings.TrimRight(out.String(), "\n")
}

func record(e *entry, name func(string) string) slog.Record {
	r := slog.NewRecord(e.at.UTC(), e.level, e.message, 0)
	attrs := make([]slog.Attr, len(e.fields))
	for i, f := range e.fields {
		attrs[i] = slog.Attr{Key: name(f.key), Value: f.value}
	}
	r.AddAttrs(attrs...)
	return r
}
