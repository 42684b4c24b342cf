package decode

import (
	"strings"
	"time"

	"posagent/device/aim"
)

const (
	nul = '\x00'
	stx = '\x02'
	etx = '\x03'
	tab = '\t'
	lf  = '\n'
	cr  = '\r'
)

// Frame is what a Framer hands out: a label, or a report of bytes that did not
// become one. Exactly one of Text and Err means something.
type Frame struct {
	Text      Text
	AIM       aim.ID
	Symbology aim.Symbology
	// Mark is what the caller passed to Feed with the frame's first byte.
	Mark uint64
	// Err is set for dropped bytes.
	Err *FramingError
}

// Framer cuts a stream of bytes into labels. It belongs to one goroutine and
// one connection: what one scanner sent must not continue another's label.
type Framer struct {
	cfg   Framing
	limit int // of raw, with everything that is taken off later

	raw     []byte // the label so far
	begun   bool   // a byte of a label has come, even if raw is still empty
	mark    uint64
	dropped int  // bytes of an overlong run; 0 outside one
	last    byte // of the run, for CR LF across reads
	learnt  bool // auto: this scanner ends labels with a character
}

// NewFramer returns a Framer, or what is wrong with the framing.
func NewFramer(cfg Framing) (*Framer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	// Room for prefix, identifier and a doubled CR LF around the longest label.
	return &Framer{cfg: cfg, limit: cfg.MaxLength + len(cfg.Prefix) + 3 + 4}, nil
}

// Feed takes the next bytes and calls emit for each frame that they complete.
// mark is handed back with every frame that begins in p: it lets the caller
// tell labels apart that began before and after something happened.
func (f *Framer) Feed(p []byte, mark uint64, emit func(Frame)) {
	for _, b := range p {
		f.feed(b, mark, emit)
	}
}

func (f *Framer) feed(b byte, mark uint64, emit func(Frame)) {
	if f.startsLabel(b) {
		f.interrupt(emit)
		f.begin(mark)
		return
	}
	if !f.begun {
		if f.noise(b) {
			return
		}
		f.begin(mark)
		if b == stx {
			return
		}
	}
	if f.endsLabel(b) {
		f.learnt = true
		f.complete(aim.ID{}, emit)
		return
	}
	f.last = b
	switch {
	case f.dropped > 0:
		f.dropped++
	case len(f.raw) == f.limit:
		f.dropped = len(f.raw) + 1
		f.raw = f.raw[:0]
	default:
		f.raw = append(f.raw, b)
	}
}

// End ends the label that is being collected, whatever the suffix. It is for
// transports that mark the end of a label beside its bytes, and id is the
// symbology that they tell with it; zero when they do not.
func (f *Framer) End(id aim.ID, emit func(Frame)) {
	if f.begun {
		f.complete(id, emit)
	}
}

// Fail drops the label that is being collected and reports err, with the
// number of bytes that were collected. It is for transports that know that a
// label is damaged; they keep the rest of it to themselves. mark stands for a
// label of which nothing has come yet.
func (f *Framer) Fail(err FramingError, mark uint64, emit func(Frame)) {
	if f.begun {
		mark = f.mark
	}
	err.Bytes = max(err.Bytes, len(f.raw), f.dropped)
	f.clear()
	emit(Frame{Mark: mark, Err: &err})
}

// Flush says that the line has been silent for at least Gap. Where silence
// ends a label it is emitted; elsewhere the end is missing and it is dropped.
func (f *Framer) Flush(emit func(Frame)) {
	switch {
	case !f.begun:
	case f.silenceEnds() || f.dropped > 0:
		f.complete(aim.ID{}, emit)
	default:
		f.interrupt(emit)
		// The scanner may have been set anew: let silence end the next one.
		f.learnt = false
	}
}

// Reset drops a label that will never be completed, because its connection is
// gone, and reports it.
func (f *Framer) Reset(emit func(Frame)) {
	f.interrupt(emit)
	f.learnt = false
}

// Pending reports whether a label has begun and not ended.
func (f *Framer) Pending() bool { return f.begun }

// Gap is how long the line must be silent before Flush is due.
func (f *Framer) Gap() time.Duration {
	if f.silenceEnds() {
		return f.cfg.IdleGap
	}
	return stallGaps * f.cfg.IdleGap
}

func (f *Framer) silenceEnds() bool {
	return f.cfg.Suffix == SuffixNone || f.cfg.Suffix == SuffixAuto && !f.learnt
}

func (f *Framer) begin(mark uint64) {
	f.begun, f.mark = true, mark
}

// noise is what may stand between labels: the rest of a doubled suffix, and
// the zero bytes that a line break or a plug gives.
func (f *Framer) noise(b byte) bool {
	switch b {
	case nul, cr, lf, etx:
		return true
	case tab:
		return f.cfg.Suffix == SuffixTab || f.cfg.Suffix == SuffixAuto
	default:
		return false
	}
}

// startsLabel: an STX inside a label means that the end of the last was lost.
// Where STX may be data it only counts between labels.
func (f *Framer) startsLabel(b byte) bool {
	return b == stx && f.begun && (f.cfg.Suffix == SuffixAuto || f.cfg.Suffix == SuffixETX)
}

func (f *Framer) endsLabel(b byte) bool {
	switch f.cfg.Suffix {
	case SuffixCR:
		return b == cr
	case SuffixLF:
		return b == lf
	case SuffixCRLF:
		return b == lf && f.last == cr
	case SuffixTab:
		return b == tab
	case SuffixETX:
		return b == etx
	case SuffixNone:
		return false
	default:
		return b == cr || b == lf || b == etx
	}
}

// interrupt drops what was collected and reports it.
func (f *Framer) interrupt(emit func(Frame)) {
	n, fault := len(f.raw), FaultCutOff
	if f.dropped > 0 {
		n, fault = f.dropped, FaultOverlong
	}
	mark := f.mark
	f.clear()
	if n > 0 {
		emit(Frame{Mark: mark, Err: &FramingError{Fault: fault, Bytes: n}})
	}
}

func (f *Framer) clear() {
	clear(f.raw) // no payment code stays behind in the buffer
	f.raw = f.raw[:0]
	f.begun, f.dropped, f.last, f.mark = false, 0, 0, 0
}

func (f *Framer) complete(id aim.ID, emit func(Frame)) {
	if f.dropped > 0 {
		f.interrupt(emit)
		return
	}
	frame, ok := f.frame(id)
	f.clear()
	if ok {
		emit(frame)
	}
}

// frame takes off what the scanner put around the label. ok is false when
// nothing is left.
func (f *Framer) frame(id aim.ID) (frame Frame, ok bool) {
	text := f.trimEnd(string(f.raw))
	if text == "" {
		return Frame{}, false
	}
	size := len(text)
	frame.Mark = f.mark
	fail := func(fault FramingFault) (Frame, bool) {
		frame.Err = &FramingError{Fault: fault, Bytes: size}
		return frame, true
	}
	// Some scanners put the identifier before the prefix.
	text, found := strings.CutPrefix(text, f.cfg.Prefix)
	text, sent := f.cutAIM(text)
	if !found {
		if text, found = strings.CutPrefix(text, f.cfg.Prefix); !found || sent.IsZero() {
			return fail(FaultNoPrefix)
		}
	}
	if id.IsZero() {
		id = sent
	}
	if len(text) > f.cfg.MaxLength {
		return fail(FaultOverlong)
	}
	frame.Text, frame.AIM, frame.Symbology = NewText(text), id, id.Symbology(len(text))
	return frame, text != ""
}

// trimEnd takes off what is left of a suffix of several characters.
func (f *Framer) trimEnd(s string) string {
	cut := "\r\n\x03"
	if f.cfg.Suffix == SuffixAuto || f.cfg.Suffix == SuffixTab {
		cut += "\t"
	}
	return strings.TrimRight(s, cut)
}

func (f *Framer) cutAIM(s string) (string, aim.ID) {
	id, rest, ok := aim.Parse(s)
	if !ok || f.cfg.AIM == AIMNone || f.cfg.AIM == AIMAuto && !id.Known() {
		return s, aim.ID{}
	}
	return rest, id
}
