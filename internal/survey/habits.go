package survey

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"posagent/device/aim"
	"posagent/device/decode"
	"posagent/device/replay"
)

// Habits are what a recording tells about how a scanner is set.
type Habits struct {
	// Labels is how many were read.
	Labels int `json:"labels"`
	// Suffix is what ended them; none: silence, or the transport itself.
	Suffix decode.Suffix `json:"suffix"`
	// ByTransport says that the transport marks the end, as HID POS does.
	ByTransport bool `json:"byTransport"`
	// Doubled says that the suffix came twice: some software takes that for a
	// second, empty label.
	Doubled bool `json:"doubled"`
	// Changing says that not all labels ended in the same way.
	Changing bool `json:"changing"`
	// STX says that labels begin with an STX.
	STX bool `json:"stx"`
	// Prefix is what stood before the code that was scanned, where that is known.
	Prefix string `json:"prefix,omitempty"`
	// Rest is what stood behind the code, without the suffix.
	Rest string `json:"rest,omitempty"`
	// AIM says that the symbology is told.
	AIM bool `json:"aim"`
	// Damaged counts labels of which a part was lost.
	Damaged int `json:"damaged"`
	// Gap is the mean time between two characters; zero: they came at once.
	Gap time.Duration `json:"gapNs"`
	// Mismatch says that the code that was scanned never came.
	Mismatch bool `json:"mismatch"`

	text string // what came instead
	code string // what was scanned; empty: not known
}

// burst is what came without a pause: one label and what is around it.
type burst struct {
	data  []byte
	chars int // counted for the gap
	took  time.Duration
	end   bool
	ends  int // marks of the transport
	aim   bool
	lost  bool
}

// HabitsOf looks at a recording. code is what was scanned, if that is known.
func HabitsOf(c replay.Capture, code string) Habits {
	h := Habits{Suffix: decode.SuffixNone, code: code}
	var gaps time.Duration
	var chars int
	for _, b := range relevant(bursts(c), code) {
		if b.lost {
			h.Damaged++
			continue
		}
		body := bytes.TrimRight(b.data, "\r\n\t\x03")
		if len(body) == 0 {
			continue
		}
		h.Labels++
		gaps, chars = gaps+b.took, chars+b.chars-1
		h.ending(b, string(b.data[len(body):]))
		h.front(b, string(body), code)
	}
	if chars > 0 {
		h.Gap = (gaps / time.Duration(chars)).Round(time.Microsecond)
	}
	return h
}

// MinCode is how many characters of a scanned code have to be known: a few digits
// stand in any other code too.
const MinCode = 8

// Came reports whether text is the code that was scanned, with no more around it
// than a scanner puts there. Without a code everything is.
func Came(text, code string) bool {
	before, after, found := strings.Cut(text, code)
	return code == "" || found && !long(before) && !long(after)
}

// long tells whether text is more than what a scanner puts around a code.
func long(text string) bool {
	digits := 0
	for _, r := range text {
		if digits++; r < '0' || r > '9' {
			digits = 0
		}
		if digits >= 6 {
			return true
		}
	}
	return len(text) > 16
}

// relevant leaves other labels out where some hold the code: they say nothing
// about what was to be scanned.
func relevant(all []burst, code string) []burst {
	holds := func(b burst) bool { return b.lost || strings.Contains(string(b.data), code) }
	if !slices.ContainsFunc(all, func(b burst) bool { return !b.lost && holds(b) }) {
		return all
	}
	return slices.DeleteFunc(all, func(b burst) bool { return !holds(b) })
}

func (h *Habits) ending(b burst, tail string) {
	suffix, doubled := suffixOf(tail)
	h.ByTransport = h.ByTransport || b.end
	h.Changing = h.Changing || h.Labels > 1 && suffix != h.Suffix
	h.Suffix = suffix
	h.Doubled = h.Doubled || doubled || b.ends > 1
}

func suffixOf(tail string) (s decode.Suffix, doubled bool) {
	if half := len(tail) / 2; half > 0 && tail[:half] == tail[half:] {
		tail, doubled = tail[:half], true
	}
	switch tail {
	case "\r":
		return decode.SuffixCR, doubled
	case "\n":
		return decode.SuffixLF, doubled
	case "\r\n":
		return decode.SuffixCRLF, doubled
	case "\t":
		return decode.SuffixTab, doubled
	case "\x03":
		return decode.SuffixETX, doubled
	case "":
		return decode.SuffixNone, false
	default:
		return decode.SuffixAuto, doubled
	}
}

func (h *Habits) front(b burst, body, code string) {
	if rest, ok := strings.CutPrefix(body, "\x02"); ok {
		h.STX, body = true, rest
	}
	before, after, found := strings.Cut(body, code)
	if code == "" {
		before, found = body, true
	}
	if id, rest, ok := aim.Parse(before); ok && id.Known() {
		h.AIM, before = true, rest
	}
	h.AIM = h.AIM || b.aim
	switch {
	case !found:
		h.Mismatch, h.text = true, body
	case code != "":
		// Some scanners put the identifier behind the prefix.
		if n := len(before) - 3; n >= 0 {
			if id, _, ok := aim.Parse(before[n:]); ok && id.Known() {
				h.AIM, before = true, before[:n]
			}
		}
		if long(before) || long(after) { // another code that holds this one: not to be shown
			h.Mismatch, h.text = true, body
			return
		}
		h.Prefix, h.Rest = before, after
	}
}

func ends(b byte) bool { return b == '\r' || b == '\n' || b == '\x03' }

// bursts cuts a recording where the scanner paused, where its transport says so,
// and where something follows the end of a label.
func bursts(c replay.Capture) []burst {
	var all []burst
	var open burst
	flush := func() {
		if len(open.data) > 0 || open.lost {
			all = append(all, open)
		}
		open = burst{}
	}
	for _, e := range c {
		if e.Op != replay.OpBytes {
			flush()
			continue
		}
		if e.After >= decode.DefaultIdleGap {
			flush()
		} else if open.chars > 0 && len(e.Data) > 0 {
			open.took += e.After
		}
		if len(e.Data) == 0 && e.End && open.chars == 0 && len(all) > 0 && e.After < decode.DefaultIdleGap {
			all[len(all)-1].ends++ // an end right behind an end: the suffix came twice
			continue
		}
		for _, b := range e.Data {
			if n := len(open.data); n > 0 && ends(open.data[n-1]) && !ends(b) {
				flush() // the next label came without a pause
			}
			open.data, open.chars = append(open.data, b), open.chars+1
		}
		open.lost = open.lost || e.Damaged
		if e.End || e.Damaged {
			open.end, open.aim = e.End, !e.AIM.IsZero()
			open.ends++
			flush()
		}
	}
	flush()
	return all
}
