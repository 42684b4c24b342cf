package pos_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"posagent/device/aim"
	"posagent/device/hid/pos"
)

func layouts(t testing.TB) []pos.Layout {
	return []pos.Layout{
		declared(t, honeywellDescriptor, "0c2e"), declared(t, zebraDescriptor, "05e0"), declared(t, newlandDescriptor, "1eab"),
		declared(t, plainDescriptor, "ffff"), declared(t, longDescriptor, "ffff"), pos.Known("0c2e"), pos.Known("1eab"),
	}
}

var ids = []aim.ID{{Code: 'Q', Modifier: '1'}, {Code: 'C', Modifier: '0'}, {Code: 'E', Modifier: '0'}, {Code: 'd', Modifier: '2'}}

// random makes a label that survives its way: a scanner's CR at the end is no
// part of it, nor are zeros where nothing counts the bytes.
func random(r *rand.Rand, l pos.Layout) string {
	longest := 300
	if l.More < 0 {
		longest = l.DataSize
	}
	b := make([]byte, 1+r.IntN(longest))
	for i := range b {
		switch r.IntN(4) {
		case 0:
			b[i] = byte(r.IntN(256))
		default:
			b[i] = byte('0' + r.IntN(10))
		}
	}
	if last := &b[len(b)-1]; *last == '\r' || *last == 0 {
		*last = '7'
	}
	return string(b)
}

func TestAnyLabelComesBackWholeThroughEveryLayout(t *testing.T) {
	all := layouts(t)
	sinks := make([]*sink, len(all))
	for i, l := range all {
		sinks[i] = newSink(pos.Config{Layout: l})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 100_000 {
		i := n % len(all)
		l, s, id := all[i], sinks[i], ids[r.IntN(len(ids))]
		want := label{text: random(r, l), aim: id.String()}
		if l.AIM < 0 {
			want.aim = ""
		}
		sent := want.text
		if r.IntN(3) == 0 && len(sent)%l.DataSize != 0 {
			sent += "\r"
		}
		s.labels = s.labels[:0]
		s.send(reports(l, id, 0, sent))
		if len(s.labels) != 1 || s.labels[0] != want {
			t.Fatalf("label %d, layout %+v: sent %q, got %+v", n, l, sent, s.labels)
		}
	}
}

// A scanner, a cable and a program that is late: reports are cut, lost (which
// the reader notices), strange ones come between, and ends stay away. Whatever
// comes out must be a label that was sent.
func TestDamageNeverMakesALabelThatNobodySent(t *testing.T) {
	all := layouts(t)
	r := rand.New(rand.NewPCG(3, 4))
	var whole, dropped int
	for range 3_000 {
		l := all[r.IntN(len(all))]
		s := newSink(pos.Config{Layout: l, MaxLength: 250})
		sent := make(map[string]bool)
		for range 20 {
			text := random(r, l)
			sent[text] = true
			damage(r, s, l, reports(l, ids[r.IntN(len(ids))], 0, text))
			s.idle(cutOff + time.Duration(r.IntN(2_000))*time.Millisecond)
		}
		for _, got := range s.labels {
			switch {
			case got.fault != "":
				dropped++
			case !sent[got.text]:
				t.Fatalf("layout %+v: %q was never sent", l, got.text)
			default:
				whole++
			}
		}
	}
	if whole < 20_000 || dropped < 5_000 {
		t.Errorf("%d labels came through and %d were dropped: the test does not test", whole, dropped)
	}
}

func damage(r *rand.Rand, s *sink, l pos.Layout, all [][]byte) {
	for i, b := range all {
		gap := 2 * time.Millisecond
		switch r.IntN(14) {
		case 0:
			b = b[:1+r.IntN(len(b)-1)] // nothing at all is no report
		case 1:
			s.take(s.a.Lost(s.now))
			continue
		case 2:
			if l.Numbered {
				s.report(gap, append([]byte{200}, make([]byte, 63)...))
			}
		case 3:
			if i > 0 {
				return // the end stays away
			}
		}
		s.report(gap, b)
	}
}

func FuzzAssembler(f *testing.F) {
	all := layouts(f)
	for i, l := range all {
		for _, b := range reports(l, ids[0], 's', "28123456789012345678901234567890123456789012345678901234567890") {
			f.Add(uint8(i), b)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, stream []byte) {
		l := all[int(which)%len(all)]
		s := newSink(pos.Config{Layout: l, MaxLength: 600})
		// The stream is cut into reports; each is preceded by its length in
		// eighths of a report and by the silence before it.
		for len(stream) > 2 {
			n := min(int(stream[0])*l.Size/8, len(stream)-2)
			b := slices.Clone(stream[2 : 2+n])
			was := slices.Clone(b)
			s.report(time.Duration(stream[1])*10*time.Millisecond, b)
			if !bytes.Equal(b, was) {
				t.Fatal("the report was changed")
			}
			if len(s.text) > 600 {
				t.Fatalf("%d bytes are held of one label", len(s.text))
			}
			stream = stream[2+n:]
		}
		s.idle(time.Minute)
		if s.text != "" {
			t.Fatalf("%q is neither a label nor dropped", s.text)
		}
	})
}
