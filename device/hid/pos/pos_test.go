package pos_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"posagent/device/aim"
	"posagent/device/decode"
	"posagent/device/hid/descriptor"
	"posagent/device/hid/pos"
)

// raw makes a report of 64 bytes: what it begins with, and bytes at places.
func raw(head string, at map[int]byte) []byte {
	b := make([]byte, 64)
	copy(b, head)
	for i, v := range at {
		b[i] = v
	}
	return b
}

func TestTheLayoutIsWhatTheDescriptorDeclares(t *testing.T) {
	for _, tc := range []struct {
		name, bytes, vid string
		want             pos.Layout
	}{
		{"Honeywell", honeywellDescriptor, "0c2e", pos.Layout{Numbered: true, ID: 2, Others: []uint8{3}, Size: 64, Count: 1, CountSize: 1, AIM: 2, Data: 5, DataSize: 56, Code: 61, More: 504}},
		{"a vendor whose codes are not Honeywell's", honeywellDescriptor, "05e0", pos.Layout{Numbered: true, ID: 2, Others: []uint8{3}, Size: 64, Count: 1, CountSize: 1, AIM: 2, Data: 5, DataSize: 56, Code: -1, More: 504}},
		{"Zebra, one byte later", zebraDescriptor, "05e0", pos.Layout{Numbered: true, ID: 2, Size: 64, Count: 1, CountSize: 1, AIM: 3, Data: 6, DataSize: 56, Code: -1, More: 504}},
		{"Newland, no identifier", newlandDescriptor, "1eab", pos.Layout{Numbered: true, ID: 2, Size: 64, Count: 1, CountSize: 1, AIM: -1, Data: 2, DataSize: 56, Code: -1, More: 504}},
		{"no ids, no count", plainDescriptor, "ffff", pos.Layout{Size: 32, Count: -1, AIM: -1, Data: 1, DataSize: 31, Code: -1, More: 0}},
		{"two bytes of count, no continuation", longDescriptor, "ffff", pos.Layout{Numbered: true, ID: 7, Size: 506, Count: 1, CountSize: 2, AIM: 3, Data: 6, DataSize: 500, Code: -1, More: -1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.want.Name = "as declared"
			if diff := cmp.Diff(tc.want, declared(t, tc.bytes, tc.vid)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestADescriptorWithoutReadableLabelsIsRefused(t *testing.T) {
	open := "05 8c 09 02 a1 01 75 08 "
	for _, tc := range []struct{ name, bytes, want string }{
		{"no decoded data", open + "95 03 09 fb 81 02 c0", pos.ErrNoLabels.Error()},
		{"decoded data as an output", open + "95 38 09 fe 91 02 c0", pos.ErrNoLabels.Error()},
		{"decoded data of another function", "05 01 09 06 a1 01 05 8c 75 08 95 38 09 fe 81 02 c0", pos.ErrNoLabels.Error()},
		{"decoded data in nibbles", "05 8c 09 02 a1 01 75 04 95 38 09 fe 81 02 c0", "not made of bytes"},
		{"decoded data between bytes", open + "75 01 95 01 09 ff 81 02 75 08 95 10 09 fe 81 02 c0", "not made of bytes"},
		{"no element", open + "95 00 09 fe 81 02 c0", "not made of bytes"},
		{"a count of 12 bits", open + "75 0c 95 01 05 01 09 3b 81 02 75 04 81 03 75 08 95 10 05 8c 09 fe 81 02 c0", "byte count of 12 bits"},
		{"an identifier of two bytes", open + "75 10 95 01 09 fb 81 02 75 08 95 10 09 fe 81 02 c0", "identifier of 16 bits"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := descriptor.Parse(unhex(t, tc.bytes))
			if err != nil {
				t.Fatal(err)
			}
			_, err = pos.FromDescriptor(d, "0c2e")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %s", err, tc.want)
			}
			if tc.want == pos.ErrNoLabels.Error() && !errors.Is(err, pos.ErrNoLabels) {
				t.Errorf("%v is not ErrNoLabels", err)
			}
		})
	}
}

func TestTheReportWithMoreDataIsTheOneThatCarriesLabels(t *testing.T) {
	l := declared(t, `05 8c 09 02 a1 01 75 08 85 05 95 40 09 fe 81 02 85 02 09 12 a1 02 95 08 09 fe 81 02 c0 85 03 09 12 a1 02 95 20 09 fe 81 02 c0 c0`, "1eab")
	if l.ID != 3 || l.DataSize != 32 || !slices.Equal(l.Others, []uint8{5, 2}) {
		t.Errorf("layout %+v", l)
	}
}

func TestEachMakersReportsGiveTheirLabel(t *testing.T) {
	const code18 = "281234567890123456"
	honeywell, newland := declared(t, honeywellDescriptor, "0c2e"), declared(t, newlandDescriptor, "1eab")
	for _, tc := range []struct {
		name    string
		layout  pos.Layout
		reports [][]byte
		want    []label
	}{
		{
			"Honeywell, Code 128", honeywell,
			[][]byte{raw("\x02\x12]C0"+code18, map[int]byte{61: 'j'})}, []label{{text: code18, aim: "]C0"}},
		},
		{
			"Honeywell, a report as captured: byte 61 unknown, CR LF inside, more to follow", pos.Known("0c2e"),
			[][]byte{
				raw("\x02\x38]X0Product Name: Voyager 1602g\r\nBoot Revision: : 8992\r\nSoft", map[int]byte{61: 63, 63: 1}),
				raw("\x02\x09]X0um: N/A\r\n", map[int]byte{61: 63}),
			},
			[]label{{text: "Product Name: Voyager 1602g\r\nBoot Revision: : 8992\r\nSoftum: N/A\r\n", aim: "]X0"}},
		},
		{
			"Honeywell, suffix CR", honeywell,
			[][]byte{raw("\x02\x13]Q1"+code18+"\r", map[int]byte{61: 's'})}, []label{{text: code18, aim: "]Q1"}},
		},
		{
			"Honeywell, one CR of two is data", honeywell,
			[][]byte{raw("\x02\x03]Q1A\r\r", nil)}, []label{{text: "A\r", aim: "]Q1"}},
		},
		{
			"Honeywell, no identifier: the maker's code stands for it", honeywell,
			[][]byte{raw("\x02\x0d\x00\x00\x004006381333931", map[int]byte{61: 'd'}), raw("\x02\x02\x00\x00\x0010", map[int]byte{61: 'I'})},
			[]label{{text: "4006381333931", aim: "]E0"}, {text: "10", aim: "]C1"}},
		},
		{
			"Honeywell, neither: the symbology is not known", honeywell,
			[][]byte{raw("\x02\x02\x00\x00\x0010", map[int]byte{61: 63})}, []label{{text: "10"}},
		},
		{
			"Access-IS, its manual's boarding pass of 60 bytes", pos.Known("0db5"),
			[][]byte{
				raw("\x02\x38]Q0M1GATHERGOOD/MICHAEL YABCDEF LHRDURAK 3542 052Y003D23   ", map[int]byte{61: 's', 63: 1}),
				raw("\x02\x04]Q0 100", map[int]byte{61: 's'}),
			},
			[]label{{text: "M1GATHERGOOD/MICHAEL YABCDEF LHRDURAK 3542 052Y003D23    100", aim: "]Q0"}},
		},
		{
			"Zebra as declared", declared(t, zebraDescriptor, "05e0"),
			[][]byte{raw("\x02\x12\x00]C0"+code18, nil)}, []label{{text: code18, aim: "]C0"}},
		},
		{
			"Zebra, descriptor not to be had", pos.Known("05e0"),
			[][]byte{raw("\x02\x12\x00]C0"+code18, nil)}, []label{{text: code18, aim: "]C0"}},
		},
		{
			"Datalogic with Honeywell's layout, descriptor not to be had", pos.Known("05f9"),
			[][]byte{raw("\x02\x12]C0"+code18, nil)}, []label{{text: code18, aim: "]C0"}},
		},
		{
			"the descriptor beats what the bytes look like", newland,
			[][]byte{raw("\x02\x06]C0281", nil)}, []label{{text: "]C0281"}},
		},
		{
			"Newland, two reports", newland,
			[][]byte{
				raw("\x02\x38"+strings.Repeat("7", 56), map[int]byte{63: 1}), raw("\x02\x01\x38", nil),
			},
			[]label{{text: strings.Repeat("7", 56) + "8"}},
		},
		{
			"a maker that nobody knows, without identifier", pos.Known("dead"),
			[][]byte{raw("\x02\x12"+code18, nil)}, []label{{text: code18}},
		},
		{
			"a maker that nobody knows, whose data has a bracket", pos.Known("dead"),
			[][]byte{raw("\x02\x05]abcd", nil)}, []label{{text: "]abcd"}},
		},
		{
			"no count: zeros at the end are not data", declared(t, plainDescriptor, "ffff"),
			[][]byte{append([]byte("\x00"+code18), make([]byte, 13)...)}, []label{{text: code18}},
		},
		{
			"GS, NUL and 8-bit bytes are data", honeywell,
			[][]byte{raw("\x02\x08]d201\x1d1\x00\xff\x80\x00", nil)}, []label{{text: "01\x1d1\x00\xff\x80\x00", aim: "]d2"}},
		},
		{
			"a longer report than declared: the rest is padding", honeywell,
			[][]byte{append(raw("\x02\x02]C028", nil), 1, 2, 3)}, []label{{text: "28", aim: "]C0"}},
		},
		{
			"other reports of the interface are not labels", honeywell,
			[][]byte{{3, 1, 2}, raw("\x02\x02]C028", nil), {3}, {}}, []label{{text: "28", aim: "]C0"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSink(pos.Config{Layout: tc.layout})
			s.send(tc.reports)
			if diff := cmp.Diff(tc.want, s.labels, cmp.AllowUnexported(label{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWhatDoesNotFitIsDroppedWholeAndReportedOnce(t *testing.T) {
	l := declared(t, honeywellDescriptor, "0c2e")
	long := strings.Repeat("0123456789", 20) // four reports
	parts := func() [][]byte { return reports(l, aim.ID{Code: 'Q', Modifier: '1'}, 's', long) }
	good := reports(l, aim.ID{Code: 'C', Modifier: '0'}, 'j', "281234567890123456")[0]
	for _, tc := range []struct {
		name  string
		run   func(*sink)
		fault decode.FramingFault
		what  string
	}{
		{"a report that is cut off", func(s *sink) { s.report(0, good[:20]) }, decode.FaultDamaged, "20 bytes instead of 64"},
		{"a report that nobody declares", func(s *sink) { s.report(0, raw("\x09abc", nil)) }, decode.FaultDamaged, "report 9"},
		{"a count that the report cannot hold", func(s *sink) { s.report(0, raw("\x02\x39]C028", nil)) }, decode.FaultDamaged, "counts 57"},
		{"a part that is cut off", func(s *sink) {
			p := parts()
			p[1] = p[1][:63]
			s.send(p)
		}, decode.FaultDamaged, "63 bytes"},
		{"a foreign report between parts", func(s *sink) {
			s.send(slices.Insert(parts(), 2, raw("\x40", nil)))
		}, decode.FaultDamaged, "report 64"},
		{"another symbology between parts", func(s *sink) {
			s.send(append(parts()[:2], good))
		}, decode.FaultDamaged, "symbology changes"},
		{"another maker's code between parts", func(s *sink) {
			p := parts()
			p[2][61] = 'w'
			s.send(p)
		}, decode.FaultDamaged, "symbology changes"},
		{"reports that were lost", func(s *sink) {
			p := parts()
			s.send(p[:1])
			s.take(s.a.Lost(s.now))
			s.send(p[2:])
		}, decode.FaultDamaged, "lost"},
		{"an end that never comes", func(s *sink) {
			s.send(parts()[:3])
			s.idle(399 * time.Millisecond)
			s.idle(time.Millisecond)
		}, decode.FaultCutOff, "168 bytes"},
		{"an end that comes too late, and nobody looked in between", func(s *sink) {
			s.send(parts()[:3])
			s.now = s.now.Add(cutOff)
			s.take(s.a.Report(parts()[3], s.now))
		}, decode.FaultCutOff, "168 bytes"},
		{"a label longer than any", func(s *sink) {
			s.send(reports(l, aim.ID{}, 0, strings.Repeat("7", decode.DefaultMaxLength+1)))
		}, decode.FaultOverlong, "7090 bytes"},
		{"parts without anything in them", func(s *sink) {
			for range 40 {
				s.report(time.Millisecond, raw("\x02\x00]C0", map[int]byte{63: 1}))
			}
		}, decode.FaultDamaged, "without bringing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSink(pos.Config{Layout: l})
			tc.run(s)
			s.report(restDue, good)
			want := []label{{fault: tc.fault}, {text: "281234567890123456", aim: "]C0"}}
			if diff := cmp.Diff(want, s.labels, cmp.AllowUnexported(label{})); diff != "" {
				t.Fatalf("(-want +got)\n%s", diff)
			}
			if e := s.faults[0].Error(); !strings.Contains(e, tc.what) {
				t.Errorf("%q does not say %q", e, tc.what)
			}
		})
	}
}

func TestTheEndOfADroppedLabelMakesRoomForTheNextAtOnce(t *testing.T) {
	l := declared(t, honeywellDescriptor, "0c2e")
	p := reports(l, aim.ID{}, 's', strings.Repeat("x", 200))
	p[1][1] = 200 // a count that cannot be
	s := newSink(pos.Config{Layout: l})
	s.send(p)
	s.send(reports(l, aim.ID{}, 's', "next"))
	if want := []label{{fault: decode.FaultDamaged}, {text: "next", aim: "]Q1"}}; !slices.Equal(s.labels, want) {
		t.Errorf("labels %+v", s.labels)
	}
}

func TestWhatWasThereBeforeIsDiscardedWithTheRestOfItsLabel(t *testing.T) {
	l := declared(t, honeywellDescriptor, "0c2e")
	old := reports(l, aim.ID{}, 's', strings.Repeat("x", 100))
	s := newSink(pos.Config{Layout: l})
	s.a.Discard(reports(l, aim.ID{}, 's', "old")[0], s.now)
	s.a.Discard(old[0], s.now)
	s.send(old[1:])
	s.send(reports(l, aim.ID{}, 's', "new"))
	if want := []label{{text: "new", aim: "]Q1"}}; !slices.Equal(s.labels, want) {
		t.Errorf("labels %+v", s.labels)
	}
}

// The silences that the package's rules speak of, with the default gap.
const (
	cutOff  = 2 * decode.DefaultIdleGap
	restDue = 5 * decode.DefaultIdleGap
)

func TestAReportThatMayBeTheRestOfADroppedLabelIsNoLabel(t *testing.T) {
	l := declared(t, newlandDescriptor, "1eab")
	good := reports(l, aim.ID{}, 0, "281234567890123456")[0]
	for _, tc := range []struct {
		name  string
		first []byte
		after time.Duration
		want  []label
	}{
		{"soon after a part: it is the rest", raw("\x02\x381", map[int]byte{63: 1}), cutOff - 1, []label{{text: "1" + strings.Repeat("\x00", 55) + "281234567890123456"}}},
		{"late after a part: it may be", raw("\x02\x381", map[int]byte{63: 1}), cutOff, []label{{fault: decode.FaultCutOff}, {fault: decode.FaultDamaged}}},
		{"too late to be", raw("\x02\x381", map[int]byte{63: 1}), restDue, []label{{fault: decode.FaultCutOff}, {text: "281234567890123456"}}},
		{"soon after a report that cannot be read", []byte{2, 3}, cutOff - 1, []label{{fault: decode.FaultDamaged}}},
		{"late after a report that cannot be read", []byte{2, 3}, cutOff, []label{{fault: decode.FaultDamaged}, {text: "281234567890123456"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSink(pos.Config{Layout: l})
			s.report(0, tc.first)
			if tc.after > cutOff {
				s.idle(cutOff)
				tc.after -= cutOff
			}
			s.report(tc.after, good)
			if diff := cmp.Diff(tc.want, s.labels, cmp.AllowUnexported(label{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			s.report(restDue, good)
			if last := s.labels[len(s.labels)-1]; last.text != "281234567890123456" {
				t.Errorf("the next label is %+v", last)
			}
		})
	}
}

func TestOtherReportsNeitherEndNorProlongALabel(t *testing.T) {
	l := declared(t, honeywellDescriptor, "0c2e")
	p := reports(l, aim.ID{}, 's', strings.Repeat("x", 100))
	s := newSink(pos.Config{Layout: l})
	s.report(0, p[0])
	for range 11 {
		s.report(100*time.Millisecond, []byte{3, 0, 0})
	}
	if want := []label{{fault: decode.FaultCutOff}}; !slices.Equal(s.labels, want) {
		t.Errorf("labels %+v", s.labels)
	}
}

func TestEveryMakersCodeHasTheSymbologyOfItsIdentifier(t *testing.T) {
	l := declared(t, honeywellDescriptor, "0c2e")
	want := map[byte]aim.Symbology{
		'a': aim.Codabar, 'b': aim.Code39, 'c': aim.EAN13, 'd': aim.EAN13, 'e': aim.ITF, 'f': aim.TwoOfFive, 'g': aim.MSI,
		'h': aim.Code11, 'i': aim.Code93, 'j': aim.Code128, 'l': aim.Code49, 'q': aim.Codablock, 'r': aim.PDF417, 's': aim.QR,
		't': aim.Telepen, 'w': aim.DataMatrix, 'x': aim.MaxiCode, 'y': aim.DataBar, 'z': aim.Aztec, '{': aim.DataBar, '}': aim.DataBar,
		'|': aim.GS1128, 'D': aim.EAN8, 'E': aim.EAN13, 'H': aim.HanXin, 'I': aim.GS1128, 'R': aim.PDF417, 'V': aim.Codablock,
	}
	for code := range 256 {
		a := pos.NewAssembler(pos.Config{Layout: l})
		c := a.Report(reports(l, aim.ID{}, byte(code), "4006381333931")[0], time.Unix(0, 0))
		symbology, ok := want[byte(code)]
		if !ok {
			symbology = aim.Unknown
		}
		if got := c.AIM.Symbology(13); got != symbology || !c.End {
			t.Errorf("%q: %s, want %s", fmt.Sprintf("%c", code), got, symbology)
		}
	}
}
