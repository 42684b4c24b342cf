package hid

import (
	"errors"
	"strings"
	"testing"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/usb"
)

func pass(d time.Duration) { <-time.After(d) }

func TestWhereTheLibraryListsUsagesTheScannersFunctionIsTaken(t *testing.T) {
	keyboard := listed{Path: "col01", Page: 1, Usage: 6, Interface: 0}
	scanner := listed{Path: "col02", Page: 0x8c, Usage: 2, Interface: 1, Manufacturer: "Honeywell", Product: "Voyager", Serial: "A1"}
	other := scanner
	other.Path, other.Serial = "col03", "B2"
	one := 1
	for _, tc := range []struct {
		name   string
		infos  []listed
		err    error
		match  usb.Match
		path   string
		detail string
		kind   device.Kind
		cause  error
		hint   string
	}{
		{name: "HID POS beside a keyboard", infos: []listed{keyboard, scanner}, path: "col02", detail: "Honeywell Voyager 0c2e:0b6a serial A1, HID POS mode"},
		{name: "by serial number", infos: []listed{scanner, other}, match: usb.Match{Serial: "B2"}, path: "col03", detail: "B2"},
		{name: "by interface", infos: []listed{{Path: "x", Page: 0x8c}, scanner}, match: usb.Match{Interface: &one}, path: "col02", detail: "A1"},
		{name: "two, and it is not said which", infos: []listed{scanner, other}, kind: device.KindFaulty, hint: "serial number"},
		{name: "a keyboard alone", infos: []listed{keyboard}, kind: device.KindFaulty, cause: ErrKeyboardMode, hint: "HID POS"},
		{name: "IBM hand-held", infos: []listed{{Path: "x", Page: 0xff45, Usage: 0x4b00}}, kind: device.KindFaulty, cause: ErrOEMMode, hint: "HID POS"},
		{name: "something else", infos: []listed{{Path: "x", Page: 1, Usage: 2}}, kind: device.KindFaulty, cause: ErrNoScanner, hint: "HID POS"},
		{name: "another serial number", infos: []listed{scanner}, match: usb.Match{Serial: "C3"}, kind: device.KindAbsent, hint: "plug"},
		{name: "nothing", kind: device.KindAbsent, hint: "plug"},
		{name: "a library that fails", err: errHidapi, kind: device.KindFaulty, cause: errHidapi, hint: "restart"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			lib := newLibrary(t)
			lib.infos, lib.listErr = tc.infos, tc.err
			tc.match.VID, tc.match.PID = "0c2e", "0b6a"
			d := &Driver{cfg: Config{Match: tc.match}, api: lib}
			got, err := d.pickListed()
			if tc.path != "" {
				if err != nil || got.loc.Path != tc.path || !strings.Contains(got.loc.Detail, tc.detail) || got.layout.AIM != 2 || got.vid != "0c2e" {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			e, ok := errors.AsType[*device.Error](err)
			if !ok || e.Kind != tc.kind || tc.cause != nil && !errors.Is(err, tc.cause) || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestEveryValueThatCannotBeUsedIsNamed(t *testing.T) {
	_, err := NewScanner(Config{Match: usb.Match{VID: "c2e"}, Layout: "klingon", Framing: decode.Framing{Suffix: "bell"}})
	for _, want := range []string{`vid "c2e"`, `pid ""`, "klingon", "bell"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	s, err := NewScanner(Config{Match: usb.Match{VID: "0x0C2E", PID: "0b6a"}, Framing: decode.Framing{Prefix: "#"}})
	if err != nil || s.Name != "USB 0c2e:0b6a" || s.Framing.Prefix != "#" || s.Driver.Kind() != "hid" {
		t.Errorf("%+v, %v", s, err)
	}
}
