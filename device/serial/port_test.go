package serial

import (
	"errors"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device"
)

// fakeLine answers Read as the library does and counts the probes.
type fakeLine struct {
	reads  []fakeRead
	gone   error
	probes int
}

type fakeRead struct {
	data string
	err  error
	took time.Duration
}

func (l *fakeLine) Read(p []byte) (int, error) {
	r := l.reads[0]
	if len(l.reads) > 1 {
		l.reads = l.reads[1:]
	}
	<-time.After(r.took)
	return copy(p, r.data), r.err
}

func (l *fakeLine) alive() error { l.probes++; return l.gone }
func (l *fakeLine) Close() error { return nil }

var timeout = fakeRead{err: io.EOF, took: readTimeout}

func TestATimeoutAndAnUnplugAreToldApart(t *testing.T) {
	for _, tc := range []struct {
		name string
		line fakeLine
		want device.Kind // empty: no error
	}{
		{"a time-out", fakeLine{reads: []fakeRead{timeout}}, ""},
		{"a time-out as on Windows", fakeLine{reads: []fakeRead{{took: readTimeout}}}, ""},
		{"an unplug of a pseudo-terminal", fakeLine{reads: []fakeRead{{err: syscall.EIO}}}, device.KindGone},
		{"an unplug of an adapter", fakeLine{reads: []fakeRead{{err: io.EOF}}, gone: syscall.EIO}, device.KindGone},
		{"an unplug just before the time-out", fakeLine{reads: []fakeRead{timeout}, gone: syscall.EIO}, device.KindGone},
		{"data", fakeLine{reads: []fakeRead{{data: "1"}}, gone: syscall.EIO}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &port{line: &tc.line, path: "/dev/x"}
				c, err := p.Read()
				if tc.want == "" {
					if err != nil || string(c.Data) != tc.line.reads[0].data {
						t.Fatalf("%q, %v", c.Data, err)
					}
					return
				}
				if err == nil || device.KindOf(err) != tc.want {
					t.Fatalf("error %v, want %s", err, tc.want)
				}
			})
		})
	}
}

func TestTheTextOfALossNamesThePortOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := &fs.PathError{Op: "read", Path: "/dev/ttyUSB0", Err: syscall.EIO}
		for name, l := range map[string]*fakeLine{
			"of the read":  {reads: []fakeRead{{err: lost}}},
			"of the probe": {reads: []fakeRead{{err: io.EOF}}, gone: lost},
		} {
			_, err := (&port{line: l, path: "/dev/ttyUSB0"}).Read()
			if want := "read /dev/ttyUSB0: gone: input/output error"; err == nil || err.Error() != want || !errors.Is(err, syscall.EIO) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	})
}

func TestAPortThatReturnsAtOnceForEverIsNoBusyLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &fakeLine{reads: []fakeRead{{err: io.EOF}}}
		p := &port{line: l, path: "/dev/x"}
		var err error
		for n := 0; err == nil; n++ {
			if n > fastEOFs {
				t.Fatal("still reading")
			}
			_, err = p.Read()
		}
		if device.KindOf(err) != device.KindFaulty {
			t.Errorf("error %v", err)
		}
	})
}

func TestEarlyTimeoutsNowAndThenAreNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &fakeLine{}
		for range 10 {
			for range fastEOFs - 1 {
				l.reads = append(l.reads, fakeRead{err: io.EOF})
			}
			l.reads = append(l.reads, timeout)
		}
		p := &port{line: l}
		for n := len(l.reads); n > 0; n-- {
			if _, err := p.Read(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestErrorsAreClassifiedByValue(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want device.Kind
	}{
		{fs.ErrNotExist, device.KindAbsent},
		{syscall.ENOENT, device.KindAbsent},
		{syscall.ENXIO, device.KindAbsent},
		{syscall.ENODEV, device.KindAbsent},
		{&fs.PathError{Op: "open", Path: "/dev/x", Err: syscall.ENOENT}, device.KindAbsent},
		{syscall.EIO, device.KindFaulty},
		{syscall.ENOTTY, device.KindFaulty},
		{errors.New("Unrecognized baud rate"), device.KindFaulty},
	} {
		e := fault("open", "/dev/x", tc.err, "")
		if e.Kind != tc.want || e.Hint == "" || !errors.Is(e, tc.err) || !strings.Contains(e.Error(), "/dev/x") {
			t.Errorf("%v: %s, %q, %v", tc.err, e.Kind, e.Hint, e)
		}
	}
	if e := fault("open", "/dev/x", syscall.EIO, "turn it on"); e.Hint != "turn it on" {
		t.Errorf("hint %q", e.Hint)
	}
}

func TestConfigurationFaultsAreAllNamed(t *testing.T) {
	_, err := New(Config{Port: "/dev/ttyUSB0", Match: Match{VID: "0c2e"}, Baud: 14400, DataBits: 9, Parity: "mark", StopBits: 3})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"exclude each other", "baud 14400", "9600, 19200", "data bits 9", `parity "mark"`, "none, odd or even", "stop bits 3"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in:\n%v", part, err)
		}
	}
	if _, err := New(Config{}); err == nil || !strings.Contains(err.Error(), "set port") {
		t.Errorf("a scanner that is nowhere: %v", err)
	}
	if _, err := NewScanner(Config{Port: "/dev/x", Baud: -1}); err == nil {
		t.Error("accepted a negative baud rate")
	}
}

func TestDefaultsAreThoseOfAScannerFromTheFactory(t *testing.T) {
	s, err := NewScanner(Config{Port: "/dev/ttyUSB0"})
	if err != nil {
		t.Fatal(err)
	}
	c := s.Driver.(*Driver).cfg
	if s.Name != "/dev/ttyUSB0" || c.Baud != 9600 || c.DataBits != 8 || c.Parity != ParityNone || c.StopBits != 1 || s.Driver.Kind() != "serial" {
		t.Errorf("%s %+v", s.Name, c)
	}
}

func TestEverySpeedOfTheListIsTaken(t *testing.T) {
	for _, b := range Bauds() {
		if err := (Config{Port: "/dev/x", Baud: b}).Validate(); err != nil {
			t.Errorf("%d: %v", b, err)
		}
	}
}
