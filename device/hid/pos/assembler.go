package pos

import (
	"fmt"
	"slices"
	"time"

	"posagent/device"
	"posagent/device/aim"
	"posagent/device/decode"
)

const (
	// The reports of one label follow each other within milliseconds. A label
	// is given up after cutOff idle gaps, since what comes then may be the next
	// one. It may also be the rest, and would look like a whole label: where a
	// rest is known to be missing, nothing is taken until restDue gaps have gone.
	cutOff  = 2
	restDue = 5

	// emptyParts is how many reports in a row may say that a label goes on
	// without bringing anything of it.
	emptyParts = 4
)

// Config says how a scanner's reports become labels.
type Config struct {
	Layout Layout
	// MaxLength is the longest label in bytes; 0: decode.DefaultMaxLength.
	MaxLength int
	// IdleGap is longer than the silence between two reports of one label ever
	// is; 0: decode.DefaultIdleGap.
	IdleGap time.Duration
}

// Assembler joins the reports of one scanner to labels. It belongs to one
// goroutine and one connection.
type Assembler struct {
	cfg    Config
	layout Layout // of the label that is under way

	open  bool // a label has begun and its last report has not come
	bytes int  // of it, so far
	empty int  // reports in a row without any
	id    aim.ID
	code  byte

	// skipping says that reports may still belong to a label that was dropped,
	// missing that they must: the last one said that it goes on.
	skipping, missing bool
	last              time.Time // when the last report came
}

// NewAssembler returns an Assembler that waits for a label's first report.
func NewAssembler(cfg Config) *Assembler {
	if cfg.MaxLength <= 0 {
		cfg.MaxLength = decode.DefaultMaxLength
	}
	if cfg.IdleGap <= 0 {
		cfg.IdleGap = decode.DefaultIdleGap
	}
	return &Assembler{cfg: cfg}
}

// Report takes a report that came at the given time; Idle is called with that
// time first. The chunk's Data is a part of b. A chunk without Data, End and
// Fault means that there is nothing to hand on.
func (a *Assembler) Report(b []byte, at time.Time) device.Chunk {
	l, ok := a.carries(b)
	if !ok {
		return device.Chunk{}
	}
	stalled := a.Idle(at)
	late := at.Sub(a.last) >= cutOff*a.cfg.IdleGap
	a.last = at
	switch {
	case stalled.Fault != nil:
		// Without a call of Idle before, two things are to be told at once. What
		// this report holds may be the rest of what was dropped, and goes with it.
		a.skip(b)
		return stalled
	case a.skipping && late:
		c := a.drop(decode.FaultDamaged, len(b), "it may be the rest of a label that was cut off")
		a.skip(b)
		return c
	case a.skipping:
		a.skip(b)
		return device.Chunk{}
	case l.Size == 0:
		return a.drop(decode.FaultDamaged, len(b), fmt.Sprintf("report %d is none that the scanner declares", b[0]))
	case len(b) < l.Size:
		return a.drop(decode.FaultDamaged, len(b), fmt.Sprintf("a report has %d bytes instead of %d", len(b), l.Size))
	}
	if !a.open {
		a.begin(l, b)
	}
	return a.part(b)
}

// Idle takes the time without a report: a label that has stalled is dropped.
func (a *Assembler) Idle(now time.Time) device.Chunk {
	silent, gap := now.Sub(a.last), a.cfg.IdleGap
	if a.skipping && (silent >= restDue*gap || !a.missing && silent >= cutOff*gap) {
		a.skipping = false
	}
	if !a.open || silent < cutOff*gap {
		return device.Chunk{}
	}
	c := a.drop(decode.FaultCutOff, 0, "")
	a.missing = true
	return c
}

// Lost says that reports were lost before the one that came at the given time.
func (a *Assembler) Lost(at time.Time) device.Chunk {
	a.last = at
	return a.drop(decode.FaultDamaged, 0, "reports were lost")
}

// skip takes a report that goes with a label that was dropped. One that cannot
// be read does not tell whether it was the last.
func (a *Assembler) skip(b []byte) {
	l, _ := a.carries(b)
	readable := l.Size > 0 && len(b) >= l.Size
	a.missing = readable && more(l, b)
	a.skipping = a.missing || !readable
}

// Discard takes a report that nobody must get to see: it was there before
// anybody could wait for it. The rest of its label goes with it.
func (a *Assembler) Discard(b []byte, at time.Time) {
	if _, ok := a.carries(b); ok {
		a.last = at
		a.skip(b)
	}
}

// carries tells whether a report carries labels, or ought to: then its layout
// has a size, which is 0 for a report that the scanner should not send.
func (a *Assembler) carries(b []byte) (Layout, bool) {
	l := a.cfg.Layout
	if len(b) == 0 {
		return l, false
	}
	if l.Numbered && b[0] != l.ID {
		if slices.Contains(l.Others, b[0]) {
			return l, false
		}
		l.Size = 0
	}
	return l, true
}

func more(l Layout, b []byte) bool {
	return l.More >= 0 && b[l.More/8]>>(l.More%8)&1 != 0
}

func (a *Assembler) begin(l Layout, b []byte) {
	if l.Unsure {
		l = seen(b)
	}
	a.layout, a.open, a.bytes, a.empty = l, true, 0, 0
	a.id, a.code = identifier(l, b), code(l, b)
}

// part takes a report of the label that is under way.
func (a *Assembler) part(b []byte) device.Chunk {
	l := a.layout
	goesOn := more(l, b)
	n := l.DataSize
	if l.Count >= 0 {
		n = int(b[l.Count])
		if l.CountSize == 2 {
			n |= int(b[l.Count+1]) << 8
		}
	}
	switch {
	case n > l.DataSize:
		return a.broken(goesOn, decode.FaultDamaged, len(b), fmt.Sprintf("a report counts %d bytes and holds %d", n, l.DataSize))
	case differ(identifier(l, b), a.id) || differ(code(l, b), a.code):
		// The end of one label and the beginning of the next are missing.
		return a.broken(goesOn, decode.FaultDamaged, a.bytes+n, "the symbology changes inside the label")
	case a.bytes+n > a.cfg.MaxLength:
		return a.broken(goesOn, decode.FaultOverlong, a.bytes+n, "")
	}
	data := b[l.Data : l.Data+n]
	if goesOn {
		if a.empty++; n > 0 {
			a.empty = 0
		}
		if a.empty > emptyParts {
			return a.broken(true, decode.FaultDamaged, a.bytes, "the label goes on without bringing anything")
		}
		a.bytes += n
		return device.Chunk{Data: data}
	}
	if l.Count < 0 {
		data = trimNULs(data)
	}
	if k := len(data); k > 0 && data[k-1] == '\r' {
		data = data[:k-1]
	}
	id := a.id
	if id.IsZero() {
		id = codeID(a.code)
	}
	a.reset()
	return device.Chunk{Data: data, End: true, AIM: id}
}

// broken drops the label that the report belongs to.
func (a *Assembler) broken(goesOn bool, fault decode.FramingFault, n int, detail string) device.Chunk {
	c := a.drop(fault, n, detail)
	a.skipping, a.missing = goesOn, goesOn
	return c
}

// drop drops the label that is under way and what may still come of it.
func (a *Assembler) drop(fault decode.FramingFault, n int, detail string) device.Chunk {
	n = max(n, a.bytes)
	open := a.open
	a.reset()
	a.skipping, a.missing = true, open
	return device.Chunk{Fault: &decode.FramingError{Fault: fault, Bytes: n, Detail: detail}}
}

func (a *Assembler) reset() {
	a.open, a.bytes, a.empty, a.id, a.code = false, 0, 0, aim.ID{}, 0
	a.skipping, a.missing = false, false
}

// identifier is the AIM identifier of a report; zero when there is none.
func identifier(l Layout, b []byte) aim.ID {
	if l.AIM < 0 || l.AIM+3 > len(b) {
		return aim.ID{}
	}
	id, _, ok := aim.Parse(string(b[l.AIM : l.AIM+3]))
	if !ok {
		return aim.ID{}
	}
	return id
}

func code(l Layout, b []byte) byte {
	if l.Code < 0 || l.Code >= len(b) {
		return 0
	}
	return b[l.Code]
}

// differ compares what a part says with what the first one said. A part may say
// nothing.
func differ[T comparable](part, first T) bool {
	var none T
	return part != none && first != none && part != first
}

func trimNULs(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}
