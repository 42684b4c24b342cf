package replay

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"posagent/device/decode"
)

// Recording is a capture with what is known about it, in one file.
type Recording struct {
	// About says in lines of text what was recorded.
	About []string
	// Framing is what the scanner's labels are read with; zero: the usual one.
	Framing decode.Framing
	// Labels are what a caller who always waits is handed, in order: kind of
	// label, space, label. They make a test of the recording.
	Labels []string
	Events Capture
}

// The marks of lines that are comments to a capture.
const (
	labelMark   = "#> "
	framingMark = "#= "
)

// WriteTo writes the recording in the format that ParseRecording reads.
func (r Recording) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	for _, line := range r.About {
		fmt.Fprintf(&b, "# %s\n", strings.Join(strings.Fields(line), " "))
	}
	f := r.Framing
	for _, s := range []struct{ key, value string }{
		{"prefix", f.Prefix}, {"suffix", string(f.Suffix)}, {"aim", string(f.AIM)}, {"idle_gap", duration(f.IdleGap)},
	} {
		if s.value != "" {
			fmt.Fprintf(&b, "%s%s = %s\n", framingMark, s.key, strconv.Quote(s.value))
		}
	}
	for _, label := range r.Labels {
		quoted := strconv.Quote(label)
		fmt.Fprintf(&b, "%s%s\n", labelMark, quoted[1:len(quoted)-1])
	}
	if _, err := r.Events.WriteTo(&b); err != nil {
		return 0, err
	}
	return b.WriteTo(w)
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// ParseRecording reads a recording. A capture alone is one about which nothing
// is known. name stands in errors, which name the line.
func ParseRecording(name string, from io.Reader) (Recording, error) {
	text, err := io.ReadAll(io.LimitReader(from, fileMax+1))
	if err != nil {
		return Recording{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > fileMax {
		return Recording{}, fmt.Errorf("%s: longer than %d bytes", name, fileMax)
	}
	var r Recording
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimSpace(line)
		if err := r.comment(line); err != nil {
			return Recording{}, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := r.Framing.Validate(); err != nil {
		return Recording{}, fmt.Errorf("%s: %w", name, err)
	}
	r.Events, err = ParseCapture(name, bytes.NewReader(text))
	return r, err
}

// fileMax holds the longest recording, written in hexadecimal.
const fileMax = 16 << 20

func (r *Recording) comment(line string) error {
	if label, ok := strings.CutPrefix(line, labelMark); ok {
		s, err := strconv.Unquote(`"` + label + `"`)
		if err != nil {
			return fmt.Errorf("the label is not written as a quoted text's inside: %w", err)
		}
		r.Labels = append(r.Labels, s)
		return nil
	}
	if setting, ok := strings.CutPrefix(line, framingMark); ok {
		return r.setting(setting)
	}
	if about, ok := strings.CutPrefix(line, "# "); ok {
		r.About = append(r.About, about)
	}
	return nil
}

func (r *Recording) setting(text string) error {
	key, quoted, ok := strings.Cut(text, " = ")
	value, err := strconv.Unquote(quoted)
	if !ok || err != nil {
		return fmt.Errorf("%q is not a setting; write key = \"value\"", text)
	}
	switch key {
	case "prefix":
		r.Framing.Prefix = value
	case "suffix":
		r.Framing.Suffix = decode.Suffix(value)
	case "aim":
		r.Framing.AIM = decode.AIMMode(value)
	case "idle_gap":
		if r.Framing.IdleGap, err = time.ParseDuration(value); err != nil {
			return fmt.Errorf("idle_gap: %w", err)
		}
	default:
		return fmt.Errorf("%q is no setting; there are prefix, suffix, aim and idle_gap", key)
	}
	return nil
}
