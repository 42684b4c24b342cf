package hid

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/hid/pos"
)

const path = "3-1:1.0"

func bubble(t *testing.T, f func(*testing.T)) { t.Helper(); synctest.Test(t, f) }

// opened gives a driver with a scanner open, found where a descriptor says what
// Known does.
func opened(t *testing.T, prepare func(*fakeDevice)) (*fakeDevice, *port) {
	t.Helper()
	d, p, err := tryOpen(t, prepare, target{vid: "0c2e"})
	if err != nil {
		t.Fatal(err)
	}
	return d, p
}

func tryOpen(t *testing.T, prepare func(*fakeDevice), tg target) (*fakeDevice, *port, error) {
	t.Helper()
	lib := newLibrary(t)
	dev := lib.plug(path)
	if prepare != nil {
		prepare(dev)
	}
	tg.loc.Path = path
	if tg.layout.Size == 0 {
		tg.layout = pos.Known("0c2e")
	}
	drv := &Driver{api: lib}
	p, err := drv.openPOS(tg)
	if err != nil {
		return dev, nil, err
	}
	return dev, p.(*port), nil
}

// labels reads until n labels or faults have come.
func labels(t *testing.T, p *port, n int) []string {
	t.Helper()
	var all []string
	text := ""
	for end := time.Now().Add(time.Hour); len(all) < n; {
		begun := time.Now()
		if begun.After(end) {
			t.Fatalf("%d of %d labels came: %q", len(all), n, all[max(0, len(all)-3):])
		}
		c, err := p.Read()
		if err != nil {
			t.Fatalf("after %d of %d labels: %v", len(all), n, err)
		}
		if took := time.Since(begun); took > 200*time.Millisecond {
			t.Fatalf("Read took %v", took)
		}
		text += string(c.Data)
		switch {
		case c.Fault != nil:
			all, text = append(all, string(c.Fault.Fault)), ""
		case c.End:
			all, text = append(all, text), ""
		}
	}
	return all
}

func closePort(t *testing.T, p *port) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestLabelsComeWholeAndInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, p := opened(t, nil)
		long := strings.Repeat("0123456789", 30)
		for _, label := range []string{"281234567890123456", long, "4006381333931"} {
			for _, r := range reports(label) {
				d.send(r)
			}
			if got := labels(t, p, 1); got[0] != label {
				t.Errorf("read %q, sent %q", got, label)
			}
			<-time.After(time.Second)
		}
		for range 5 {
			if c, err := p.Read(); err != nil || len(c.Data) > 0 || c.End || c.Fault != nil {
				t.Errorf("nothing came, and Read gives %+v, %v", c, err)
			}
		}
		closePort(t, p)
		if d.isOpen() {
			t.Error("the device was not given back")
		}
	})
}

// The program is held up while a scanner sends far more than hidapi keeps.
func TestNoReportOfAFloodIsLostWhileTheProgramIsHeldUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, p := opened(t, nil)
		var want []string
		for i := range 1000 {
			label := fmt.Sprintf("28%016d", i) + strings.Repeat("x", i%80)
			want = append(want, label)
			for _, r := range reports(label) {
				d.send(r)
				synctest.Wait() // the reader is scheduled; the program is not
			}
		}
		<-time.After(10 * time.Second)
		got := labels(t, p, len(want))
		if !slices.Equal(got, want) || d.lost() > 0 {
			t.Errorf("%d labels of %d; hidapi dropped %d reports", len(got), len(want), d.lost())
		}
		closePort(t, p)
	})
}

// More than the queue holds: what is lost is told, and nothing is patched
// together.
func TestReportsThatDoNotFitTheQueueDropTheirLabelAndNoOther(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, p := opened(t, nil)
		long := reports(strings.Repeat("7", 3*56))
		for range depth - 1 {
			d.send(reports("0")[0])
			synctest.Wait()
		}
		for _, r := range long { // the first of three finds room
			d.send(r)
			synctest.Wait()
		}
		labels(t, p, depth-1)
		<-time.After(time.Second) // the part that came waits for its rest
		d.send(reports("281234567890123456")[0])
		synctest.Wait()
		if got := labels(t, p, 2); !slices.Equal(got, []string{"cut_off", "damaged"}) {
			t.Errorf("read %q", got)
		}
		<-time.After(2 * time.Second)
		d.send(reports("284321")[0])
		if got := labels(t, p, 1); got[0] != "284321" {
			t.Errorf("the next label reads %q", got)
		}
		closePort(t, p)
	})
}

func TestWhatTheScannerReadBeforeIsThrownAway(t *testing.T) {
	bubble(t, func(t *testing.T) {
		parts := reports(strings.Repeat("9", 100))
		d, p := opened(t, func(d *fakeDevice) { d.fifo = parts[0] })
		d.send(parts[1]) // the rest of what was there before
		d.send(reports("281234567890123456")[0])
		if got := labels(t, p, 1); got[0] != "281234567890123456" {
			t.Errorf("read %q", got)
		}
		closePort(t, p)
	})
}

func TestNoCodeStaysInMemoryAfterTheNextRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, p := opened(t, nil)
		d.send(reports("281234567890123456")[0])
		c, err := p.Read()
		if err != nil || string(c.Data) != "281234567890123456" {
			t.Fatalf("%q, %v", c.Data, err)
		}
		if _, err := p.Read(); err != nil || !bytes.Equal(c.Data, make([]byte, len(c.Data))) {
			t.Errorf("%q is still there, %v", c.Data, err)
		}
		closePort(t, p)
	})
}

func TestAnUnpluggedScannerIsGoneAfterWhatItSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, p := opened(t, nil)
		d.send(reports("281234567890123456")[0])
		d.unplug()
		if got := labels(t, p, 1); got[0] != "281234567890123456" {
			t.Errorf("read %q", got)
		}
		for range 3 { // and stays so, without a loop that takes a processor
			_, err := p.Read()
			if e, ok := errors.AsType[*device.Error](err); !ok || e.Kind != device.KindGone || !errors.Is(err, errHidapi) || e.Hint == "" {
				t.Errorf("Read gives %v", err)
			}
		}
		closePort(t, p)
		if d.isOpen() {
			t.Error("the device was not given back")
		}
	})
}

func TestEmptyReportsAreNothingUnlessTheyNeverEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, p := opened(t, nil)
		for range 20 {
			d.send(nil) // what a packet that is just full is followed by
			d.send(reports("28")[0])
			if got := labels(t, p, 1); got[0] != "28" {
				t.Errorf("read %q", got)
			}
		}
		d.lib.mu.Lock()
		d.spinning = true
		d.lib.mu.Unlock()
		d.send(nil)
		var err error
		for range 10 {
			if _, err = p.Read(); err != nil {
				break
			}
		}
		if device.KindOf(err) != device.KindFaulty || !strings.Contains(err.Error(), "at once and without data") {
			t.Errorf("Read gives %v", err)
		}
		closePort(t, p)
	})
}

func TestALibraryThatDoesNotComeBackHoldsNobodyUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		lib := newLibrary(t)
		dev := lib.plug(path)
		drv := &Driver{api: lib}
		tg := target{loc: device.Location{Path: path}, layout: pos.Known("0c2e")}
		p, err := drv.openPOS(tg)
		if err != nil {
			t.Fatal(err)
		}
		stuck := make(chan struct{}) // the clock is set back: the next wait is long
		lib.mu.Lock()
		dev.stuck = stuck
		lib.mu.Unlock()
		<-time.After(time.Second)
		for range 5 {
			if c, err := p.Read(); err != nil || c.End {
				t.Errorf("Read gives %+v, %v", c, err)
			}
		}
		begun := time.Now()
		if err := p.Close(); err == nil || time.Since(begun) != closeWait {
			t.Errorf("Close took %v: %v", time.Since(begun), err)
		}
		drv.found = tg
		if _, err := drv.Open(tg.loc); device.KindOf(err) != device.KindBusy {
			t.Errorf("opened again while the last reader has it: %v", err)
		}
		close(stuck)
		<-drv.last.done
		if dev.isOpen() {
			t.Error("the device was not given back in the end")
		}
	})
}

func TestHoneywellsScannersAreEnabled(t *testing.T) {
	for _, tc := range []struct {
		name, vid     string
		enables, deaf bool
		sent, refused bool
	}{
		{"Honeywell", "0c2e", true, false, true, false},
		{"Youjie", "23d0", true, false, true, false},
		{"Honeywell that does not declare the report, and takes it", "0c2e", false, false, true, false},
		{"Honeywell that does not declare the report, nor take it", "0c2e", false, true, false, false},
		{"Honeywell that declares the report and does not take it", "0c2e", true, true, false, true},
		{"another maker", "05e0", true, false, false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d, p, err := tryOpen(t, func(d *fakeDevice) { d.deaf = tc.deaf }, target{vid: tc.vid, enables: tc.enables})
				if (err != nil) != tc.refused {
					t.Fatalf("Open: %v", err)
				}
				if tc.refused && (!errors.Is(err, errEnable) || device.KindOf(err) != device.KindFaulty) {
					t.Errorf("Open: %v", err)
				}
				if sent := len(d.features) == 1 && bytes.Equal(d.features[0], []byte{0xfe, 1}); sent != tc.sent {
					t.Errorf("sent %v", d.features)
				}
				if p != nil {
					closePort(t, p)
				}
				if d.isOpen() {
					t.Error("the device was not given back")
				}
			})
		})
	}
}

func TestReportsLongerThanAPacketAreJoined(t *testing.T) {
	for _, tc := range []struct {
		name string
		run  func(*fakeDevice)
		want []string
	}{
		{"eight packets of eight bytes", func(d *fakeDevice) {
			for _, r := range reports("281234567890123456") {
				for piece := range slices.Chunk(r, 8) {
					d.send(piece)
				}
			}
		}, []string{"281234567890123456"}},
		{"the rest of a report is missing", func(d *fakeDevice) {
			r := reports("281234567890123456")[0]
			d.send(r[:8])
			d.send(r[8:16])
			<-time.After(2 * time.Second)
			for piece := range slices.Chunk(reports("28")[0], 8) {
				d.send(piece)
			}
		}, []string{"damaged", "28"}},
		{"a short packet ends a report", func(d *fakeDevice) {
			d.send(reports("28")[0][:8])
			d.send(reports("28")[0][8:12])
		}, []string{"damaged"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d, p, err := tryOpen(t, nil, target{vid: "05e0", packet: 8})
				if err != nil {
					t.Fatal(err)
				}
				go tc.run(d)
				if got := labels(t, p, len(tc.want)); !slices.Equal(got, tc.want) {
					t.Errorf("read %q, want %q", got, tc.want)
				}
				closePort(t, p)
			})
		})
	}
}

// memory is a driver whose scanner is always where it was.
type memory struct{ *Driver }

func (m memory) Find() (device.Location, error) { return device.Location{Path: path}, nil }
func (m memory) Open(loc device.Location) (device.Port, error) {
	return m.openPOS(target{loc: loc, layout: pos.Known("0c2e"), vid: "0c2e"})
}

// Through the Manager: a label with a line break stays whole whatever suffix is
// configured, half a label that stalls is nobody's, and a report that was cut
// off is counted.
func TestTheManagerGetsLabelsAsTheReportsHaveThem(t *testing.T) {
	bubble(t, func(t *testing.T) {
		lib := newLibrary(t)
		dev := lib.plug(path)
		m, err := device.New(device.Options{Scanners: []device.Scanner{{
			Name: "lane", Driver: memory{&Driver{api: lib}}, Framing: decode.Framing{Suffix: decode.SuffixCR},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- m.Run(ctx) }()
		<-time.After(time.Second)
		c, err := m.Claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, label := range []string{"28123\r\n281234567890123456", strings.Repeat("line\r", 40) + "end"} {
			got := make(chan device.Scan, 1)
			go func() {
				s, err := c.Next(t.Context())
				if err != nil {
					t.Error(err)
				}
				got <- s
			}()
			synctest.Wait()
			dev.send(reports("28")[0][:10])
			<-time.After(time.Second)
			dev.send(reports(strings.Repeat("8", 60))[0]) // its end never comes
			<-time.After(5 * time.Second)
			for _, r := range reports(label + "\r") {
				dev.send(r)
			}
			if s := <-got; s.Text.Reveal() != label || s.AIM.String() != "]C0" {
				t.Errorf("scan %q %s, want %q", s.Text.Reveal(), s.AIM, label)
			}
		}
		if h := m.Health()[0]; h.State != device.StateReady || h.Counters.FramingErrors != 4 || h.Counters.GoodReads != 2 {
			t.Errorf("health %+v", h)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if dev.isOpen() {
			t.Error("the device was not given back")
		}
	})
}
