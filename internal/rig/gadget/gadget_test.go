package gadget

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func bench(t *testing.T) Bench {
	return Bench{Sys: t.TempDir(), Dev: t.TempDir()}
}

func TestADeviceIsSetUpBeforeItIsPluggedIn(t *testing.T) {
	b := bench(t)
	g, err := b.New("scanner", 2, Device{
		VID: 0x0c2e, PID: 0x0b6a, Product: "Scanner", Serial: "S1",
		Functions: []Function{{HID: Keyboard()}, {HID: Honeywell().HID()}, {}},
	})
	must(t, err)
	for name, want := range map[string]string{
		"idVendor": "0x0c2e", "idProduct": "0x0b6a", "strings/0x409/serialnumber": "S1",
		"configs/c.1/hid.20/protocol": "1", "configs/c.1/hid.21/protocol": "0", "configs/c.1/hid.21/report_length": "128",
		"configs/c.1/hid.21/report_desc": string(Honeywell().HID().Descriptor),
	} {
		if got, err := os.ReadFile(filepath.Join(g.dir, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(g.dir, "configs/c.1/acm.22")); err != nil {
		t.Error("the serial port is not part of the configuration: ", err)
	}
	if _, err := os.Stat(filepath.Join(g.dir, "UDC")); err == nil {
		t.Error("the device is plugged in already")
	}
	must(t, g.Plug())
	if got, err := os.ReadFile(filepath.Join(g.dir, "UDC")); err != nil || string(got) != "dummy_udc.2" {
		t.Errorf("plugged into %q, %v", got, err)
	}
}

func TestADeviceIsOnTheHostSideOnceItIsConfigured(t *testing.T) {
	b := bench(t)
	g, err := b.New("scanner", 1, Device{Functions: []Function{{}}})
	must(t, err)
	at := b.sys("devices/platform/dummy_hcd.1/usb4/4-1")
	must(t, os.MkdirAll(at, 0o755))
	for content, want := range map[string]string{"\n": "", "1\n": "4-1"} {
		must(t, os.WriteFile(filepath.Join(at, "bConfigurationValue"), []byte(content), 0o600))
		if got := g.HostPath(); got != want {
			t.Errorf("with configuration %q it is at %q, want %q", content, got, want)
		}
	}
	must(t, os.RemoveAll(at))
	if got := g.HostPath(); got != "" {
		t.Errorf("a device that left is at %q", got)
	}
}

func TestAReportSaysWhereItsPartsAre(t *testing.T) {
	label := strings.Repeat("0123456789", 13)
	for name, l := range map[string]Layout{"Honeywell": Honeywell(), "Zebra": Zebra(), "Newland": Newland()} {
		var got []byte
		reports := l.Reports(label)
		for i, r := range reports {
			if len(r) != 64 || r[0] != 2 {
				t.Fatalf("%s: report %d begins % x and has %d bytes", name, i, r[:4], len(r))
			}
			if more := r[63] == 1; more != (i < len(reports)-1) {
				t.Errorf("%s: report %d of %d says that more follows: %v", name, i, len(reports), more)
			}
			if at := bytes.IndexByte(r, ']'); at != l.aim && l.aim != 0 {
				t.Errorf("%s: the AIM identifier is at %d", name, at)
			}
			got = append(got, r[l.data:l.data+int(r[1])]...)
		}
		if string(got) != label {
			t.Errorf("%s: the reports hold %q", name, got)
		}
	}
}

// The bits that a descriptor declares are those of the report.
func TestADescriptorDeclaresTheWholeReport(t *testing.T) {
	for name, c := range map[string]struct {
		h    *HID
		want int
	}{
		"Honeywell": {Honeywell().HID(), 63 * 8}, "Zebra": {Zebra().HID(), 63 * 8},
		"Newland": {Newland().HID(), 63 * 8}, "keyboard": {Keyboard(), 8 * 8},
	} {
		if got := inputBits(t, c.h.Descriptor); got != c.want {
			t.Errorf("%s: the descriptor declares %d bits, want %d", name, got, c.want)
		}
		if c.h.PacketSize <= c.want/8+1 {
			t.Errorf("%s: a report fills its packet", name)
		}
	}
}

// inputBits walks over the short items of a report descriptor (HID 1.11, 6.2.2.2).
func inputBits(t *testing.T, d []byte) (bits int) {
	size, count, depth := 0, 0, 0
	for len(d) > 0 {
		n := []int{0, 1, 2, 4}[d[0]&3]
		if len(d) < 1+n {
			t.Fatal("the last item is cut off")
		}
		value := 0
		for i, b := range d[1 : 1+n] {
			value |= int(b) << (8 * i)
		}
		switch d[0] &^ 3 {
		case 0x74:
			size = value
		case 0x94:
			count = value
		case 0x80:
			bits += size * count
		case 0xa0:
			depth++
		case 0xc0:
			depth--
		}
		d = d[1+n:]
	}
	if depth != 0 {
		t.Errorf("%d collections are left open", depth)
	}
	return bits
}

func TestEveryKeyGoesDownAndUp(t *testing.T) {
	reports, err := KeyReports("aZ10-\t\r")
	must(t, err)
	var keys []byte
	for i, r := range reports {
		if len(r) != KeyboardReportSize || (i%2 == 1) != bytes.Equal(r, make([]byte, 8)) {
			t.Fatalf("report %d is % x", i, r)
		}
		if i%2 == 0 {
			keys = append(keys, r[0], r[2])
		}
	}
	if want := []byte{0, 4, 2, 0x1d, 0, 0x1e, 0, 0x27, 0, 0x2d, 0, 0x2b, 0, 0x28}; !bytes.Equal(keys, want) {
		t.Errorf("modifiers and keys % x, want % x", keys, want)
	}
	if _, err := KeyReports("é"); err == nil {
		t.Error("a key that is not there is pressed")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
