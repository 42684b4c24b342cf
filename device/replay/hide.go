package replay

import (
	"slices"
	"strings"

	"posagent/device/aim"
	"posagent/device/decode"
)

// Hidden is the recording with other labels of the same shape in place of those
// that were read, so that it can be handed on and still plays as it was: a
// payment code becomes another one that begins with the same two digits. Letters
// and digits that are no whole label are replaced as well. Barcodes of products
// stay: they belong to nobody. The same label is replaced by the same one each
// time. pick gives a random number from 0 up to but not including n.
func (r Recording) Hidden(pick func(n int) int) (Recording, error) {
	framer, err := decode.NewFramer(r.Framing)
	if err != nil {
		return Recording{}, err
	}
	h := &hiding{framer: framer, pick: pick, known: make(map[string]string)}
	r.Events = h.capture(r.Events)
	labels := make([]string, len(r.Labels))
	for i, line := range r.Labels {
		kind, label, _ := strings.Cut(line, " ")
		other, ok := h.known[label]
		if !ok { // of a label that the bytes do not hold
			other = substitute(label, aim.Unknown, pick)
		}
		labels[i] = kind + " " + other
	}
	r.Labels = labels
	return r, nil
}

func (h *hiding) capture(c Capture) Capture {
	h.out = make(Capture, len(c))
	for i, e := range c {
		e.Data = slices.Clone(e.Data)
		h.out[i] = e
		h.event(i, e)
	}
	h.framer.Flush(h.frame) // after the last event the line stays silent
	h.scramble(h.open)
	return h.out
}

// place is one byte of the capture.
type place struct{ event, index int }

type hiding struct {
	out    Capture
	framer *decode.Framer
	pick   func(int) int
	known  map[string]string
	open   []place // since the last frame ended
}

// event feeds one event to the framer as the manager does.
func (h *hiding) event(i int, e Event) {
	if e.Op != OpBytes {
		h.framer.Reset(h.frame)
		return
	}
	if h.framer.Pending() && e.After >= h.framer.Gap() {
		h.framer.Flush(h.frame)
	}
	for j, b := range e.Data {
		h.open = append(h.open, place{i, j})
		h.framer.Feed([]byte{b}, 0, h.frame)
	}
	switch {
	case e.Damaged:
		h.framer.Fail(*e.fault(), 0, h.frame)
	case e.End:
		h.framer.End(e.AIM, h.frame)
	}
}

// frame hides the bytes that the frame was made of.
func (h *hiding) frame(f decode.Frame) {
	bytes := h.open
	h.open = nil
	if f.Err != nil {
		h.scramble(bytes)
		return
	}
	label := f.Text.Reveal()
	at := strings.LastIndex(h.text(bytes), label)
	if at < 0 {
		h.scramble(bytes)
		return
	}
	other, ok := h.known[label]
	if !ok {
		other = substitute(label, f.Symbology, h.pick)
		h.known[label] = other
	}
	h.scramble(bytes[:max(0, at-outside)])
	for n := range len(other) {
		p := bytes[at+n]
		h.out[p.event].Data[p.index] = other[n]
	}
}

// outside is how many characters a scanner puts in front of a label at most, 16
// of prefix and 3 of identifier. What is farther away is not of this label.
const outside = 19

func (h *hiding) text(bytes []place) string {
	var b strings.Builder
	for _, p := range bytes {
		b.WriteByte(h.out[p.event].Data[p.index])
	}
	return b.String()
}

func (h *hiding) scramble(bytes []place) {
	for _, p := range bytes {
		b := &h.out[p.event].Data[p.index]
		*b = another(*b, h.pick)
	}
}

// tries bounds the search for a label that is taken for the same: one number in
// ten has the right check digit.
const tries = 200

// substitute makes another label of the same shape.
func substitute(label string, symbology aim.Symbology, pick func(int) int) string {
	class := decode.Classify(decode.NewText(label), symbology)
	keep := 0
	switch class.Kind {
	case decode.KindProduct:
		return label
	case decode.KindStoreQR:
		keep = host(label)
	default:
		// The first two digits tell the wallet, and are shown everywhere else.
		keep = min(2, max(0, len(label)-10))
	}
	other := label
	for range tries {
		b := []byte(label)
		for i := keep; i < len(b); i++ {
			b[i] = another(b[i], pick)
		}
		other = string(b)
		if c := decode.Classify(decode.NewText(other), symbology); c.Code == class.Code && c.Form == class.Form {
			break
		}
	}
	return other
}

// host is the length of a link up to the end of its host.
func host(label string) int {
	begin := strings.Index(label, "://")
	if begin < 0 {
		return min(6, len(label))
	}
	begin += len("://")
	if end := strings.IndexAny(label[begin:], "/?#"); end >= 0 {
		return begin + end
	}
	return len(label)
}

// another is a random character of the same sort. What is neither a letter nor
// a digit stays: it is part of how the scanner is set.
func another(b byte, pick func(int) int) byte {
	switch {
	case b >= '0' && b <= '9':
		return '0' + byte(pick(10))
	case b >= 'a' && b <= 'z':
		return 'a' + byte(pick(26))
	case b >= 'A' && b <= 'Z':
		return 'A' + byte(pick(26))
	case b >= 0x80:
		return 0x80 + byte(pick(0x40)) // not text any more, and as long
	default:
		return b
	}
}
