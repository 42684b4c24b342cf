package logx

import (
	"context"
	"log/slog"
)

// handler makes entries of slog's records and hands them over.
type handler struct {
	log   *Log
	bound []field // of With, resolved
	group string  // of WithGroup, with its dot
}

var _ slog.Handler = (*handler)(nil)

func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.log.level.Level()
}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	e := entry{at: r.Time, level: r.Level, message: r.Message, fields: h.bound[:len(h.bound):len(h.bound)]}
	r.Attrs(func(a slog.Attr) bool {
		e.fields = flatten(e.fields, h.group, a)
		return true
	})
	h.log.take(&e)
	return nil
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.bound = h.bound[:len(h.bound):len(h.bound)]
	for _, a := range attrs {
		next.bound = flatten(next.bound, h.group, a)
	}
	return &next
}

func (h *handler) WithGroup(name string) slog.Handler {
	next := *h
	if name != "" {
		next.group = h.group + name + "."
	}
	return &next
}
