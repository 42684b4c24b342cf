package evdev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// Info is what sysfs says about an event node. Nothing is opened to learn it.
type Info struct {
	// Path is the node, e.g. /dev/input/event5.
	Path string
	ID   ID
	// Name and Uniq are the device's own; Uniq is a serial number or, on
	// Bluetooth, the address. Either may be empty. Characters that do not print
	// are replaced.
	Name, Uniq string
	// Parent is the directory of the device that the node belongs to: nodes of
	// one keyboard share it. A virtual device is its own parent.
	Parent string
	// Keys are those that the device has.
	Keys KeySet
}

// List gives every event node, from the directories that stand for /sys and
// /dev. A node that leaves meanwhile is left out.
func List(sys, dev string) ([]Info, error) {
	class := filepath.Join(sys, "class/input")
	entries, err := os.ReadDir(class)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // a kernel without input devices
	}
	if err != nil {
		return nil, fmt.Errorf("list input devices: %w", err)
	}
	var all []Info
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "event") {
			if i, ok := info(filepath.Join(class, e.Name(), "device"), filepath.Join(dev, "input", e.Name())); ok {
				all = append(all, i)
			}
		}
	}
	return all, nil
}

// One gives what sysfs says about one node; ok is false when it is not there.
func One(sys, path string) (i Info, ok bool) {
	return info(filepath.Join(sys, "class/input", filepath.Base(path), "device"), path)
}

func info(dir, path string) (Info, bool) {
	i := Info{Path: path, Name: line(dir, "name"), Uniq: line(dir, "uniq")}
	for _, f := range []struct {
		name string
		to   *uint16
	}{{"bustype", &i.ID.Bus}, {"vendor", &i.ID.Vendor}, {"product", &i.ID.Product}, {"version", &i.ID.Version}} {
		v, err := strconv.ParseUint(line(dir, "id/"+f.name), 16, 16)
		if err != nil {
			return Info{}, false
		}
		*f.to = uint16(v)
	}
	keys, ok := parseKeys(line(dir, "capabilities/key"))
	if !ok {
		return Info{}, false
	}
	i.Keys = keys
	home, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Info{}, false
	}
	i.Parent = home
	if parent, err := filepath.EvalSymlinks(filepath.Join(home, "device")); err == nil {
		i.Parent = parent
	}
	return i, true
}

// parseKeys reads a bitmap as sysfs writes it: words of a long, the highest
// first, in hexadecimal without leading zeros.
func parseKeys(s string) (KeySet, bool) {
	var set KeySet
	words := strings.Fields(s)
	for i, word := range words {
		v, err := strconv.ParseUint(word, 16, 64)
		if err != nil {
			return KeySet{}, false
		}
		base := (len(words) - 1 - i) * strconv.IntSize
		for bit := range strconv.IntSize {
			if v&(1<<bit) != 0 {
				set.Add(uint16(min(base+bit, KeyCount)))
			}
		}
	}
	return set, len(words) > 0
}

// line reads a file of one line; empty when it is not there. A device may say
// anything about itself, and what it says ends up on a terminal.
func line(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '\uFFFD'
	}, strings.TrimSpace(strings.ToValidUTF8(string(b), "\uFFFD")))
}
