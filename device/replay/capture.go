package replay

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"posagent/device/aim"
	"posagent/device/decode"
)

// Op is what happens in one event of a capture.
type Op string

// The events.
const (
	OpBytes  Op = "bytes"
	OpUnplug Op = "unplug"
	OpReplug Op = "replug"
)

// Event is one line of a capture.
type Event struct {
	// After is the time since the event before.
	After time.Duration
	Op    Op
	// Data is what was received, for OpBytes.
	Data []byte
	// End says that a label ends with Data, and AIM its symbology, for scanners
	// whose transport tells that beside the bytes.
	End bool
	AIM aim.ID
	// Damaged says that the transport lost a part of the label.
	Damaged bool
}

// The words beside the bytes of an event.
const (
	wordEnd     = "end"
	wordDamaged = "damaged"
)

// Capture is what a scanner sent, in order.
type Capture []Event

const maxLine = 64 << 10

// ParseCapture reads a capture. name stands in errors, which name the line.
func ParseCapture(name string, r io.Reader) (Capture, error) {
	var c Capture
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	plugged := true
	for lines.Scan() {
		n++
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		e, err := parseEvent(fields)
		if err == nil && e.Op != OpReplug && !plugged {
			err = fmt.Errorf("the scanner is unplugged since an earlier line; only replug can follow")
		}
		if err == nil && e.Op == OpReplug && plugged {
			err = fmt.Errorf("replug without an unplug before")
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		plugged = e.Op != OpUnplug
		c = append(c, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	return c, nil
}

func parseEvent(fields []string) (Event, error) {
	delay, err := time.ParseDuration(fields[0])
	if err != nil || delay < 0 {
		return Event{}, fmt.Errorf("%q is not a delay; write a number with its unit, e.g. 1.04ms, or 0", fields[0])
	}
	e := Event{After: delay, Op: OpBytes}
	switch rest := strings.Join(fields[1:], ""); rest {
	case "":
		return Event{}, fmt.Errorf("nothing after the delay; write bytes in hexadecimal, unplug or replug")
	case string(OpUnplug), string(OpReplug):
		e.Op = Op(rest)
		return e, nil
	}
	fields, err = e.parseMark(fields[1:])
	if err != nil {
		return Event{}, err
	}
	if e.Data, err = hex.DecodeString(strings.Join(fields, "")); err != nil {
		return Event{}, fmt.Errorf("bytes must be pairs of hexadecimal digits: %w", err)
	}
	return e, nil
}

// parseMark takes what stands behind the bytes off: "end", "end ]C1", "damaged".
func (e *Event) parseMark(fields []string) ([]string, error) {
	at := slices.IndexFunc(fields, func(f string) bool { return f == wordEnd || f == wordDamaged })
	if at < 0 {
		return fields, nil
	}
	e.End, e.Damaged = fields[at] == wordEnd, fields[at] == wordDamaged
	rest := fields[at+1:]
	if e.End && len(rest) == 1 {
		id, more, ok := aim.Parse(rest[0])
		if !ok || more != "" {
			return nil, fmt.Errorf("%q is not an AIM identifier such as ]C1", rest[0])
		}
		e.AIM, rest = id, nil
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("nothing can follow %q but, after %q, an AIM identifier", fields[at], wordEnd)
	}
	return fields[:at], nil
}

// WriteTo writes the capture in the format that ParseCapture reads.
func (c Capture) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for _, e := range c {
		what := string(e.Op)
		if e.Op == OpBytes {
			what = e.words()
		}
		n, err := fmt.Fprintf(w, "%s %s\n", e.After, what)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (e Event) words() string {
	words := make([]string, 0, 3)
	if len(e.Data) > 0 {
		words = append(words, fmt.Sprintf("% x", e.Data))
	}
	switch {
	case e.Damaged:
		words = append(words, wordDamaged)
	case e.End:
		words = append(words, wordEnd)
		if !e.AIM.IsZero() {
			words = append(words, e.AIM.String())
		}
	}
	return strings.Join(words, " ")
}

// fault is what the manager is told of a damaged label.
func (e Event) fault() *decode.FramingError {
	if !e.Damaged {
		return nil
	}
	return &decode.FramingError{Fault: decode.FaultDamaged}
}
