package keyboard

import (
	"strings"
	"testing"
	"time"

	"posagent/device/decode"
	"posagent/device/usb"
)

func TestTheConfigurationNamesEveryValueThatCannotBeUsed(t *testing.T) {
	good := usb.Match{VID: "05e0", PID: "1200"}
	for _, tc := range []struct {
		name string
		cfg  Config
		want []string // empty: it can be used
	}{
		{"vendor and product", Config{Match: good}, nil},
		{"all of it", Config{Match: good, Layout: LayoutJP, Framing: decode.Framing{IdleGap: minIdleGap, Suffix: decode.SuffixTab}}, nil},
		{"an event node", Config{Event: EventMatch{Bus: "virtual", Vendor: "0x05E0", Product: "1200"}}, nil},
		{"nothing", Config{}, []string{`vid ""`, `pid ""`}},
		{"a serial number alone", Config{Match: usb.Match{Serial: "S1"}}, []string{`vid ""`, `pid ""`}},
		{"no product", Config{Match: usb.Match{VID: "05e0"}}, []string{`pid ""`}},
		{"a name alone", Config{Event: EventMatch{Name: "Keyboard"}}, []string{`vendor ""`, `product ""`}},
		{"both ways", Config{Match: good, Event: EventMatch{Vendor: "05e0", Product: "1200"}}, []string{"exclude each other"}},
		{"an unknown bus", Config{Event: EventMatch{Bus: "ps2", Vendor: "05e0", Product: "1200"}}, []string{`"ps2"`, "bluetooth"}},
		{
			"everything wrong", Config{Match: usb.Match{VID: "5", PID: "keyboard"}, Layout: "dvorak", Framing: decode.Framing{Suffix: "bell", IdleGap: time.Millisecond}},
			[]string{`vid "5"`, `pid "keyboard"`, `layout "dvorak"`, `suffix "bell"`, "idle gap 1ms"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := New(tc.cfg)
			if (err == nil) != (len(tc.want) == 0) {
				t.Fatalf("%v", err)
			}
			for _, part := range tc.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is missing in: %v", part, err)
				}
			}
		})
	}
}

func TestADriverSaysWhatItIsAndWhatItLooksFor(t *testing.T) {
	d, err := New(Config{Match: usb.Match{VID: "05E0", PID: "1200", Serial: "S1"}})
	if err != nil {
		t.Fatal(err)
	}
	if d.cfg.Name != "USB 05e0:1200 serial S1" || d.Kind() != "keyboard" {
		t.Errorf("%+v", d.cfg)
	}
	d, err = New(Config{Event: EventMatch{Bus: "bluetooth", Vendor: "05e0", Product: "1200", Name: "Cordless", Uniq: "aa"}})
	if err != nil || d.cfg.Name != `bluetooth keyboard 05e0:1200 named "Cordless" serial aa` {
		t.Errorf("%v, %v", d, err)
	}
}

func TestAnInterfaceIsCapableByItsDescriptorOrElseByItsClass(t *testing.T) {
	keys := []byte{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0}
	mouse := []byte{0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0xc0}
	for _, tc := range []struct {
		name string
		i    usb.Interface
		want bool
	}{
		{"a keyboard", usb.Interface{Class: 3, SubClass: 1, Protocol: 1, HID: []usb.HID{{Descriptor: keys}}}, true},
		{"a keyboard that is no boot device", usb.Interface{Class: 3, HID: []usb.HID{{Descriptor: keys}}}, true},
		{"a keyboard behind another collection", usb.Interface{Class: 3, HID: []usb.HID{{Descriptor: append(append([]byte{}, mouse...), keys...)}}}, true},
		{"a mouse", usb.Interface{Class: 3, SubClass: 1, Protocol: 2, HID: []usb.HID{{Descriptor: mouse}}}, false},
		{"a keyboard by class, something else by descriptor", usb.Interface{Class: 3, SubClass: 1, Protocol: 1, HID: []usb.HID{{Descriptor: mouse}}}, false},
		{"a boot keyboard without a driver", usb.Interface{Class: 3, SubClass: 1, Protocol: 1}, true},
		{"a HID interface without a driver", usb.Interface{Class: 3}, false},
		{"a descriptor that is none", usb.Interface{Class: 3, SubClass: 1, Protocol: 1, HID: []usb.HID{{Descriptor: []byte{0x05}}}}, true},
		{"another class with the same codes", usb.Interface{Class: 8, SubClass: 1, Protocol: 1}, false},
	} {
		if got := Capable(tc.i); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}
