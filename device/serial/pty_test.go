//go:build linux

package serial_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/device"
	"posagent/device/aim"
	"posagent/device/decode"
)

const code = "281234567890123456"

func TestEveryWrappingGivesTheSameCode(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		framing   decode.Framing
		symbology aim.Symbology
	}{
		{"CR", code + "\r", decode.Framing{}, aim.Unknown},
		{"LF", code + "\n", decode.Framing{}, aim.Unknown},
		{"CR LF", code + "\r\n", decode.Framing{}, aim.Unknown},
		{"doubled CR", code + "\r\r", decode.Framing{}, aim.Unknown},
		{"doubled CR LF", code + "\r\n\r\n", decode.Framing{}, aim.Unknown},
		{"STX and ETX", "\x02" + code + "\x03", decode.Framing{}, aim.Unknown},
		{"STX and CR", "\x02" + code + "\r", decode.Framing{}, aim.Unknown},
		{"no suffix at all", code, decode.Framing{}, aim.Unknown},
		{"no suffix, configured", code, decode.Framing{Suffix: decode.SuffixNone}, aim.Unknown},
		{"TAB, configured", code + "\t", decode.Framing{Suffix: decode.SuffixTab}, aim.Unknown},
		{"CR LF, configured", code + "\r\n", decode.Framing{Suffix: decode.SuffixCRLF}, aim.Unknown},
		{"a prefix", "#" + code + "\r", decode.Framing{Prefix: "#"}, aim.Unknown},
		{"AIM Code 128", "]C0" + code + "\r", decode.Framing{}, aim.Code128},
		{"AIM QR", "]Q1" + code + "\r", decode.Framing{}, aim.QR},
		{"AIM GS1 QR", "]Q3" + code + "\r\n", decode.Framing{}, aim.GS1QR},
		{"line break before", "\x00\x00" + code + "\r", decode.Framing{}, aim.Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := virtual(t)
			r := run(t, configured(t, framing(tc.framing, s.Path())))
			r.waitState(t, device.StateReady)
			got := r.next(t, r.claim(t))
			if err := s.SendRaw([]byte(tc.raw)); err != nil {
				t.Fatal(err)
			}
			scan := want(t, got, code)
			if scan.Symbology != tc.symbology || scan.Class.Kind != decode.KindPaymentCode || scan.Source != "lane" {
				t.Errorf("scan is %s of %s from %s", scan.Class.Kind, scan.Symbology, scan.Source)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", scan, scan, scan), code) {
				t.Error("a scan prints its code whole")
			}
		})
	}
}

func TestALabelThatDripsInByteByByteIsOne(t *testing.T) {
	s := virtual(t)
	s.SetSuffix("\r\n")
	r := run(t, configured(t, framing(decode.Framing{IdleGap: patience}, s.Path())))
	r.waitState(t, device.StateReady)
	got := r.next(t, r.claim(t))
	if err := s.SendSlowly(t.Context(), "]C0"+code, 1040*time.Microsecond); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
}

func TestNextKeepsWaitingWhileTheScannerIsUnpluggedAndBack(t *testing.T) {
	s := virtual(t)
	r := run(t, configured(t, framing(decode.Framing{IdleGap: patience}, s.Path())))
	r.waitState(t, device.StateReady)
	got := r.next(t, r.claim(t))
	const cycles = 3
	for i := range cycles {
		if err := s.SendRaw([]byte("2899")); err != nil { // half a label
			t.Fatal(err)
		}
		if err := s.Unplug(); err != nil {
			t.Fatal(err)
		}
		h := r.waitState(t, device.StateAbsent)
		if h.LastError == "" || h.Advice == "" || h.Hint == "" {
			t.Errorf("an unplugged scanner gives no advice: %+v", h)
		}
		if err := s.Replug(); err != nil {
			t.Fatal(err)
		}
		back := time.Now()
		h = r.waitState(t, device.StateReady)
		t.Logf("cycle %d: back after %v", i, time.Since(back).Round(time.Millisecond))
		if h.Counters.Reconnects != uint64(i+1) {
			t.Errorf("%d reconnects counted, want %d", h.Counters.Reconnects, i+1)
		}
	}
	if err := s.Send(code); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
}

func TestWhatWasScannedBeforeThePortWasOpenedIsDiscarded(t *testing.T) {
	s := virtual(t)
	if err := s.Send("289999999999999999"); err != nil {
		t.Fatal(err)
	}
	r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
	got := r.next(t, r.claim(t)) // open even before the port is
	r.waitState(t, device.StateReady)
	if err := s.Send(code); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
	if c := r.Health()[0].Counters; c.GoodReads != 1 || c.Refused != 0 || c.FramingErrors != 0 {
		t.Errorf("counted %+v", c)
	}
}

func TestALabelHalfReadWhenTheGateOpensIsRefusedWhole(t *testing.T) {
	s := virtual(t)
	r := run(t, configured(t, framing(decode.Framing{IdleGap: patience}, s.Path())))
	r.waitState(t, device.StateReady)
	// A whole label and half of the next in one write: once the first has been
	// refused, the reader has taken the half too.
	if err := s.SendRaw([]byte("6901234567892\r2899999")); err != nil {
		t.Fatal(err)
	}
	r.waitRefused(t, 1)
	got := r.next(t, r.claim(t))
	if err := s.SendRaw([]byte("99999999999\r")); err != nil {
		t.Fatal(err)
	}
	refused := r.waitRefused(t, 2)
	if refused[1].Reason != device.ReasonEarly || refused[1].Length != 18 {
		t.Errorf("refused as %s with %d bytes", refused[1].Reason, refused[1].Length)
	}
	if err := s.Send(code); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
}

func TestARunWithoutAnEndIsDroppedWholeAndReportedOnce(t *testing.T) {
	s := virtual(t)
	r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
	r.waitState(t, device.StateReady)
	got := r.next(t, r.claim(t))
	if err := s.SendRaw([]byte(strings.Repeat("2812345678", 1000) + "\r" + code + "\r")); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
	refused := r.waitRefused(t, 1)
	f := refused[0].Framing
	if len(refused) != 1 || f == nil || f.Fault != decode.FaultOverlong || f.Bytes != 10000 {
		t.Errorf("reported %+v", refused)
	}
	if n := r.Health()[0].Counters.FramingErrors; n != 1 {
		t.Errorf("%d framing errors counted, want 1", n)
	}
}

func TestNoiseOnTheLineEndsAtTheNextLabel(t *testing.T) {
	s := virtual(t)
	r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
	r.waitState(t, device.StateReady)
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 20_000)
	for i := range noise {
		noise[i] = byte(rnd.UintN(256))
	}
	if err := s.SendRaw(append(noise, '\r')); err != nil {
		t.Fatal(err)
	}
	// A marker that nobody waits for shows that the noise has been read.
	if err := s.Send("6901234567892"); err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		all := r.waitRefused(t, n)
		n = len(all)
		if all[n-1].Class.Code == decode.CodeEAN13 {
			break
		}
	}
	got := r.next(t, r.claim(t))
	if err := s.Send(code); err != nil {
		t.Fatal(err)
	}
	want(t, got, code)
}

func TestTwoCodesWithoutAnEndBetweenAreNoPaymentCode(t *testing.T) {
	s := virtual(t)
	r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
	r.waitState(t, device.StateReady)
	got := r.next(t, r.claim(t))
	if err := s.Send(code + "286543210987654321"); err != nil {
		t.Fatal(err)
	}
	if scan := want(t, got, code+"286543210987654321"); scan.Class.Kind != decode.KindJoined {
		t.Errorf("classified %s", scan.Class.Kind)
	}
}

func TestAThousandLabelsComeOnceEachAndInOrder(t *testing.T) {
	const n = 1000
	t.Run("each to somebody who waits", func(t *testing.T) {
		s := virtual(t)
		r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
		r.waitState(t, device.StateReady)
		c := r.claim(t)
		for i := range n {
			got := r.next(t, c)
			label := fmt.Sprintf("28%016d", i)
			if err := s.Send(label); err != nil {
				t.Fatal(err)
			}
			want(t, got, label)
		}
		if c := r.Health()[0].Counters; c.GoodReads != n || c.Refused+c.Duplicates+c.FramingErrors != 0 {
			t.Errorf("counted %+v", c)
		}
	})
	t.Run("in one burst that nobody waits for", func(t *testing.T) {
		s := virtual(t)
		r := run(t, configured(t, framing(decode.Framing{}, s.Path())))
		r.waitState(t, device.StateReady)
		for i := range n {
			if err := s.Send(fmt.Sprintf("28%016d", i)); err != nil {
				t.Fatal(err)
			}
		}
		for i, ref := range r.waitRefused(t, n) {
			if ref.Reason != device.ReasonClosed || ref.Masked != fmt.Sprintf("28••••••••••••%04d", i) {
				t.Fatalf("label %d was refused as %s %s", i, ref.Reason, ref.Masked)
			}
		}
		if c := r.Health()[0].Counters; c.Refused != n || c.GoodReads+c.Duplicates+c.FramingErrors != 0 {
			t.Errorf("counted %+v", c)
		}
	})
}

func TestOfTwoScannersOneScanIsHandedOver(t *testing.T) {
	a, b := virtual(t), virtual(t)
	ca, cb := framing(decode.Framing{}, a.Path()), framing(decode.Framing{}, b.Path())
	ca.Name, cb.Name = "left", "right"
	r := run(t, configured(t, ca), configured(t, cb))
	for i := range r.Health() {
		r.waitStateOf(t, i, device.StateReady)
	}
	got := r.next(t, r.claim(t))
	for _, s := range []interface{ Send(string) error }{a, b} {
		if err := s.Send(code); err != nil {
			t.Fatal(err)
		}
	}
	want(t, got, code)
	refused := r.waitRefused(t, 1)
	if refused[0].Reason != device.ReasonDuplicate {
		t.Errorf("the second scanner's read was refused as %s", refused[0].Reason)
	}
	h := r.Health()
	if good := h[0].Counters.GoodReads + h[1].Counters.GoodReads; good != 1 {
		t.Errorf("%d good reads of one scan", good)
	}
}

// From the write of the terminator into the terminal to the return of Next, in
// another goroutine: kernel, read, decode, classify, hand over.
func BenchmarkFromTerminatorToNext(b *testing.B) {
	s := virtual(b)
	r := run(b, configured(b, framing(decode.Framing{}, s.Path())))
	r.waitState(b, device.StateReady)
	c := r.claim(b)
	type stamped struct {
		err error
		at  time.Time
	}
	got := make(chan stamped, 1)
	var all []time.Duration
	for b.Loop() {
		go func() {
			_, err := c.Next(context.Background())
			got <- stamped{err, time.Now()}
		}()
		for !r.Waiting() {
			<-time.After(20 * time.Microsecond)
		}
		if err := s.SendRaw(fmt.Appendf(nil, "28%016d", len(all))); err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		if err := s.SendRaw([]byte{'\r'}); err != nil {
			b.Fatal(err)
		}
		g := <-got
		if g.err != nil {
			b.Fatal(g.err)
		}
		all = append(all, g.at.Sub(begun))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(all[len(all)*99/100].Nanoseconds())/1e3, "p99-µs")
	b.ReportMetric(float64(all[len(all)-1].Nanoseconds())/1e3, "max-µs")
}
