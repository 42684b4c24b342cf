package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"mime"
	"net/http"
	"time"

	"posagent/internal/localapi/wire"
)

// Event is one event of the stream. Exactly one of the fields is set.
type Event struct {
	Picture *wire.Picture
	Sale    *wire.Sale
	Status  *wire.Status
	Notice  *wire.Notice

	// Lost tells that the stream broke, or could not be opened, and why. It is
	// opened again by itself; what was missed follows then.
	Lost error
}

// The pauses before a broken stream is opened again.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = 5 * time.Second
	// silence is how long a stream may say nothing before it counts as broken:
	// the server gives a sign of life every 15 s.
	silence = 40 * time.Second
	maxLine = 16 << 20
)

// Events follows the daemon until ctx ends or the caller leaves the loop: first
// the whole picture, then every change. A broken stream shows as Lost and is
// resumed after the last event seen, so that no change of a sale is missed; each
// resumption begins with the whole picture.
func (c *Client) Events(ctx context.Context) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		s := &listener{c: c, yield: yield, pause: firstPause}
		for ctx.Err() == nil {
			err := s.listen(ctx)
			if s.left || ctx.Err() != nil {
				return
			}
			if !yield(Event{Lost: err}) {
				return
			}
			t := time.NewTimer(s.pause)
			select {
			case <-t.C:
			case <-ctx.Done():
				t.Stop()
				return
			}
			s.pause = min(2*s.pause, longestPause)
		}
	}
}

// listener is one caller's stream over all its connections.
type listener struct {
	c     *Client
	yield func(Event) bool
	left  bool // the caller has left the loop
	last  string
	pause time.Duration
}

// errSilent ends a stream that gives no sign of life.
var errSilent = errors.New("the event stream fell silent")

// errEnded ends a stream that the server closed in order.
var errEnded = errors.New("the daemon ended the event stream")

// listen opens the stream once and hands on what comes until it breaks.
func (s *listener) listen(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	header := http.Header{"Accept": {"text/event-stream"}}
	if s.last != "" {
		header.Set("Last-Event-ID", s.last)
	}
	watchdog := time.AfterFunc(silence, func() { cancel(errSilent) })
	defer watchdog.Stop()
	resp, err := s.c.once(ctx, http.MethodGet, "/v1/events", nil, header)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // the stream is given up
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
		if err := read(resp, &struct{}{}); err != nil {
			return err
		}
		return fmt.Errorf("HTTP %d with %q: %w", resp.StatusCode, kind, ErrAnswer)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxLine)
	var event frame
	for lines.Scan() {
		watchdog.Reset(silence)
		if line := lines.Bytes(); len(line) > 0 {
			event.add(line)
			continue
		}
		if err := s.deliver(&event); err != nil || s.left {
			return err
		}
		event = frame{}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errEnded
}

// frame is one event as it comes, line by line.
type frame struct {
	event, id string
	data      []byte
}

func (f *frame) add(line []byte) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "event":
		f.event = string(value)
	case "id":
		f.id = string(value)
	case "data":
		if f.data != nil {
			f.data = append(f.data, '\n')
		}
		f.data = append(f.data, value...)
	}
}

// deliver hands an event on. Kinds that this client does not know are passed over.
func (s *listener) deliver(f *frame) error {
	if f.data == nil {
		return nil
	}
	var (
		e   Event
		err error
	)
	switch f.event {
	case wire.EventSnapshot:
		e.Picture = new(wire.Picture)
		err = json.Unmarshal(f.data, e.Picture)
		s.pause = firstPause // the daemon is well again
	case wire.EventSale:
		e.Sale = new(wire.Sale)
		err = json.Unmarshal(f.data, e.Sale)
	case wire.EventStatus:
		e.Status = new(wire.Status)
		err = json.Unmarshal(f.data, e.Status)
	case wire.EventNotice:
		e.Notice = new(wire.Notice)
		err = json.Unmarshal(f.data, e.Notice)
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("event %s: %w: %w", f.event, ErrAnswer, err)
	}
	if !s.yield(e) {
		s.left = true
		return nil
	}
	if f.id != "" {
		s.last = f.id // only now: an event that was not taken comes again
	}
	return nil
}
