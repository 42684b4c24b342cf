package evdev

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAKeySetHoldsWhatWasAddedAndNothingElse(t *testing.T) {
	var s KeySet
	for _, code := range []uint16{0, 7, 8, KeyCount - 1, KeyCount, 0xffff} {
		s.Add(code)
	}
	for code := range 0x10000 {
		want := code == 0 || code == 7 || code == 8 || code == KeyCount-1
		if s.Has(uint16(code)) != want {
			t.Fatalf("code %d: %v", code, !want)
		}
	}
	for _, code := range []uint16{0, 7, 8, KeyCount - 1, 0xffff} {
		s.Remove(code)
	}
	if !s.Empty() {
		t.Errorf("left over: %v", s)
	}
}

// The words are those of a machine with a keyboard that has 0x1f usages more
// than most, of its volume keys, of a power button and of a mouse.
func TestOnlyADeviceWithDigitsLettersAndEnterTypes(t *testing.T) {
	for _, tc := range []struct {
		name, keys string
		types      bool
	}{
		{"a keyboard", "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe", true},
		{"its volume keys", "3f000300000000 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17c000 677bfad9415fed 19ed68000004400 10000002", false},
		{"a power button", "10000000000000 0", false},
		{"a mouse", "ff0000 0 0 0 0", false},
		{"a number pad alone", "e080ffdf01c03fe 0", false},
		{"no keys", "0", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			keys, ok := parseKeys(tc.keys)
			if !ok || keys.Types() != tc.types {
				t.Errorf("read %v, types %v", ok, keys.Types())
			}
		})
	}
	for _, bad := range []string{"", "x", "fff fffffffffffffffff"} {
		if _, ok := parseKeys(bad); ok {
			t.Errorf("%q was read", bad)
		}
	}
	if _, ok := parseKeys("1 " + "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"); !ok {
		t.Error("keys beyond the highest known are an error")
	}
}

func TestNodesAreListedWithWhatSysfsSays(t *testing.T) {
	sys := t.TempDir()
	put := func(path, content string) {
		t.Helper()
		path = filepath.Join(sys, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, path string) {
		t.Helper()
		path = filepath.Join(sys, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(sys, to), path); err != nil {
			t.Fatal(err)
		}
	}
	node := func(home, event, name, keys string) {
		t.Helper()
		for file, content := range map[string]string{
			"id/bustype": "0005", "id/vendor": "05e0", "id/product": "1200", "id/version": "0111",
			"name": name, "uniq": "aa:bb", "capabilities/key": keys,
		} {
			put(filepath.Join(home, file), content+"\n")
		}
		link(home, filepath.Join("class/input", event, "device"))
	}
	node("devices/hid1/input/input4", "event4", "Scan\x1b[31mner", "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe")
	node("devices/hid1/input/input5", "event5", "Scanner volume", "10000000000000 0")
	node("devices/virtual/input/input6", "event6", "Virtual", "0")
	put("class/input/mice/dev", "13:63\n")
	put("class/input/event9/nothing", "") // on its way out
	link("devices/hid1", "devices/hid1/input/input4/device")
	link("devices/hid1", "devices/hid1/input/input5/device")

	all, err := List(sys, "/dev")
	if err != nil || len(all) != 3 {
		t.Fatalf("%d nodes, %v", len(all), err)
	}
	first := all[0]
	if first.Path != "/dev/input/event4" || first.ID != (ID{BusBluetooth, 0x05e0, 0x1200, 0x0111}) ||
		first.Name != "Scan\uFFFD[31mner" || first.Uniq != "aa:bb" || !first.Keys.Types() {
		t.Errorf("node %+v", first)
	}
	if all[1].Parent != first.Parent || all[2].Parent == first.Parent || all[2].Parent == "" {
		t.Errorf("parents %q, %q, %q", first.Parent, all[1].Parent, all[2].Parent)
	}
	if one, ok := One(sys, "/dev/input/event4"); !ok || one != first {
		t.Errorf("one node alone: %v, %+v", ok, one)
	}
	if _, ok := One(sys, "/dev/input/event7"); ok {
		t.Error("a node that is not there was found")
	}
	if none, err := List(t.TempDir(), "/dev"); len(none) != 0 || err != nil {
		t.Errorf("without input devices: %v, %v", none, err)
	}
}
