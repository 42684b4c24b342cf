package pos_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"posagent/device"
	"posagent/device/aim"
	"posagent/device/decode"
	"posagent/device/hid/descriptor"
	"posagent/device/hid/pos"
)

// The descriptors are composed from the documented layouts; the makers' own are
// not public.
const (
	honeywellDescriptor = `05 8c 09 02 a1 01 85 02 09 12 a1 02 15 00 26 ff 00 75 08 95 01 05 01 09 3b 81 02
		05 8c 95 03 09 fb 09 fc 09 fd 81 02 95 38 09 fe 82 02 01
		95 02 06 66 ff 09 04 09 00 81 02 05 8c 25 01 75 01 95 01 09 ff 81 02 75 07 81 03 c0
		85 fe 06 66 ff 15 00 26 ff 00 75 08 95 01 09 14 b1 02 85 03 95 02 09 20 81 02 c0`
	zebraDescriptor = `05 8c 09 02 a1 01 85 02 09 12 a1 02 15 00 26 ff 00 75 08 95 01 05 01 09 3b 81 02
		81 03 05 8c 95 03 09 fb 09 fc 09 fd 81 02 95 38 09 fe 82 02 01
		95 01 81 03 25 01 75 01 95 01 09 ff 81 02 75 07 81 03 c0 c0`
	newlandDescriptor = `05 8c 09 02 a1 01 85 02 09 12 a1 02 15 00 26 ff 00 75 08 95 01 05 01 09 3b 81 02
		05 8c 95 38 09 fe 82 02 01 95 04 81 03 06 66 ff 95 01 09 04 81 02
		05 8c 25 01 75 01 95 01 09 ff 81 02 75 07 81 03 c0 c0`
	// No report ids, 31 bytes of data, no count, no identifier, the bit first.
	plainDescriptor = `05 8c 09 02 a1 01 09 12 a1 02 15 00 25 01 75 01 95 01 09 ff 81 02 75 07 81 03
		26 ff 00 75 08 95 1f 09 fe 82 02 01 c0 c0`
	// A count of two bytes, 500 bytes of data, no bit: one report is one label.
	longDescriptor = `05 8c 09 02 a1 01 85 07 09 12 a1 02 15 00 27 ff ff 00 00 75 10 95 01 05 01 09 3b 81 02
		05 8c 26 ff 00 75 08 95 03 09 fb 09 fc 09 fd 81 02 96 f4 01 09 fe 82 02 01 c0 c0`
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func declared(t testing.TB, s, vid string) pos.Layout {
	t.Helper()
	d, err := descriptor.Parse(unhex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	l, err := pos.FromDescriptor(d, vid)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// reports writes a label as a scanner of that layout sends it.
func reports(l pos.Layout, id aim.ID, code byte, label string) [][]byte {
	var all [][]byte
	for first := true; first || label != ""; first = false {
		part := label[:min(len(label), l.DataSize)]
		label = label[len(part):]
		b := make([]byte, l.Size)
		if l.Numbered {
			b[0] = l.ID
		}
		if l.Count >= 0 {
			b[l.Count] = byte(len(part))
			if l.CountSize == 2 {
				b[l.Count+1] = byte(len(part) >> 8)
			}
		}
		if l.AIM >= 0 {
			copy(b[l.AIM:], id.String())
		}
		copy(b[l.Data:], part)
		if l.Code >= 0 {
			b[l.Code] = code
		}
		if l.More >= 0 && label != "" {
			b[l.More/8] |= 1 << (l.More % 8)
		}
		all = append(all, b)
	}
	return all
}

// label is one that came out, or the fault that did.
type label struct {
	text  string
	aim   string
	fault decode.FramingFault
}

// sink collects chunks as device's reading loop does.
type sink struct {
	a      *pos.Assembler
	now    time.Time
	text   string
	labels []label
	faults []*decode.FramingError
}

func newSink(cfg pos.Config) *sink {
	return &sink{a: pos.NewAssembler(cfg), now: time.Unix(1e9, 0)}
}

func (s *sink) take(c device.Chunk) {
	s.text += string(c.Data)
	switch {
	case c.Fault != nil:
		s.labels = append(s.labels, label{fault: c.Fault.Fault})
		s.faults = append(s.faults, c.Fault)
		s.text = ""
	case c.End:
		s.labels = append(s.labels, label{text: s.text, aim: c.AIM.String()})
		s.text = ""
	}
}

// report lets a report come d after the one before.
func (s *sink) report(d time.Duration, b []byte) {
	s.idle(d)
	s.take(s.a.Report(b, s.now))
}

func (s *sink) idle(d time.Duration) {
	s.now = s.now.Add(d)
	s.take(s.a.Idle(s.now))
}

func (s *sink) send(all [][]byte) {
	for _, b := range all {
		s.report(2*time.Millisecond, b)
	}
}
