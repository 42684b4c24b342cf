package usb

import (
	"strings"
	"testing"
)

func TestAMatchSaysWhatItLooksFor(t *testing.T) {
	two := 2
	for want, m := range map[string]Match{
		"USB 05e0:1200":                                {VID: "0x05E0", PID: "1200"},
		"USB 05e0:1200 serial A1":                      {VID: "05e0", PID: "1200", Serial: "A1"},
		"USB 05e0:1200 at usb 1-2.4":                   {VID: "05e0", PID: "1200", Path: "1-2.4"},
		"USB 05e0:any serial A at usb 3-1 interface 2": {VID: "05e0", Serial: "A", Path: "3-1", Interface: &two},
	} {
		if got := m.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAMatchThatCannotBeMeantIsNamed(t *testing.T) {
	below, above := -1, 256
	for _, tc := range []struct {
		match Match
		want  string // "" : valid
	}{
		{Match{VID: "0x0C2E", PID: "0caa", Path: "1-2.4"}, ""},
		{Match{VID: "c2e", PID: "0caa"}, `vid "c2e"`},
		{Match{VID: "0c2e"}, `pid ""`},
		{Match{VID: "0c2e", PID: "0caa", Path: "usb1"}, `"usb1"`},
		{Match{VID: "0c2e", PID: "0caa", Path: "../3-1"}, "bus-port"},
		{Match{VID: "0c2e", PID: "0caa", Interface: &below}, "interface -1"},
		{Match{VID: "0c2e", PID: "0caa", Interface: &above}, "interface 256"},
	} {
		err := tc.match.Validate()
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: %v, want %q", tc.match, err, tc.want)
		}
	}
}
