package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

var (
	usbPattern = regexp.MustCompile(`^(0[xX])?[0-9A-Fa-f]{4}$`)
	// bus-port.port...: what the kernel calls a device by the sockets that lead to it.
	usbPathPattern = regexp.MustCompile(`^[1-9][0-9]*-[1-9][0-9]*(\.[1-9][0-9]*)*$`)

	namePattern = regexp.MustCompile(`^[A-Za-z0-9 ._-]{1,32}$`)
)

// hidIdleGap is the shortest pause that may end a label in keyboard mode: scanners can be set to wait up to 99 ms
// between two characters.
const hidIdleGap = 100 * time.Millisecond

// bauds are the rates that a serial line on Linux can be set to.
func bauds() []int {
	return []int{
		50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
		500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
	}
}

func (l *loader) checkScanners() {
	active := 0
	for i := range l.cfg.Scanners {
		if l.checkScanner(i + 1); l.cfg.Scanners[i].Enabled {
			active++
		}
	}
	l.checkTwins()
	if active == 0 && !l.broken {
		l.notes = append(l.notes, faultAt(l.origin("scanner"), "scanner", "no scanner is configured",
			"codes then come through the local API only; add [[scanner]] for a reader of its own"))
	}
}

func (l *loader) checkScanner(n int) {
	s := &l.cfg.Scanners[n-1]
	key := func(name string) string { return scannerKey(n) + "." + name }
	s.Match.VID, s.Match.PID = normalUSB(s.Match.VID), normalUSB(s.Match.PID)

	if !namePattern.MatchString(s.Name) {
		l.fault(key("name"), quote(s.Name)+" is no name for a scanner", "use 1 to 32 of A-Z a-z 0-9 . _ - and space")
	}
	l.checkAttachment(s, key)
	if s.Type == ScannerSerial && s.Layout != LayoutUS {
		l.fault(key("layout"), "means nothing to a serial scanner", `delete it; it belongs to type = "hid" in keyboard mode`)
	}
	if s.Type == ScannerHID && s.IdleGap > 0 && s.IdleGap < hidIdleGap {
		l.fault(key("idle_gap"), FormatDuration(s.IdleGap)+" is shorter than the pause that a scanner in keyboard mode may make between two keys",
			"use "+FormatDuration(hidIdleGap)+" or more")
	}
	if !slices.Contains(bauds(), s.Baud) {
		l.fault(key("baud"), fmt.Sprintf("%d cannot be set", s.Baud), "use the rate that the scanner is set to, mostly 9600 or 115200; there are "+joinInts(bauds()))
	}
	if len(s.Prefix) > 16 {
		l.fault(key("prefix"), fmt.Sprintf("has %d bytes", len(s.Prefix)), "give at most 16")
	}
	if strings.ContainsAny(s.Prefix, "\r\n\x03") {
		l.fault(key("prefix"), "holds CR, LF or ETX, which end a label", "set the scanner to another prefix")
	}
}

func (l *loader) checkAttachment(s *Scanner, key func(string) string) {
	if s.Type == "" {
		if l.origin(key("type")).Kind != originBad {
			l.fault(key("type"), "is not set", `write type = "serial" or type = "hid"`)
		}
		return
	}
	half := (s.Match.VID == "") != (s.Match.PID == "")
	switch {
	case s.Port != "" && !s.Match.IsZero():
		l.fault(key("port"), "is given beside match", "give one of the two")
	case s.Type == ScannerHID && s.Port != "":
		l.fault(key("port"), "means nothing to a HID scanner", `name the device: match = { vid = "0c2e", pid = "0caa" }`)
	case s.Type == ScannerHID && s.Match.VID == "":
		// By class alone the cashier's keyboard would be taken away.
		l.fault(key("match"), "is not set", `name the device: match = { vid = "0c2e", pid = "0caa" }`)
	case s.Type == ScannerSerial && !s.Match.IsZero() && runtime.GOOS == "windows":
		l.fault(key("match"), "finds serial ports on Linux only", `give the port that Windows shows, for example port = "COM3"`)
	case s.Port == "" && s.Match.IsZero():
		l.fault(key("port"), "is not set", `give port = "/dev/serial/by-id/..." (Windows: "COM3") or match = { vid = "...", pid = "..." }`)
	case half:
		l.fault(key("match"), "has only one of vid and pid", "give both")
	case !s.Match.IsZero() && s.Match.VID == "":
		l.fault(key("match"), "has neither vid nor pid", "give both as well")
	case s.Match.USBPath != "" && runtime.GOOS != "linux":
		l.fault(key("match.usb_path"), "tells USB sockets apart on Linux only", "delete it; tell two of one model apart by serial")
	case s.Match.USBPath != "" && !usbPathPattern.MatchString(s.Match.USBPath):
		l.fault(key("match.usb_path"), quote(s.Match.USBPath)+" is not a USB socket", `give bus and ports, for example "1-2.4"; posagent scanner list shows them`)
	}
	for _, id := range []struct{ name, value string }{{"match.vid", s.Match.VID}, {"match.pid", s.Match.PID}} {
		if id.value != "" && !usbPattern.MatchString(id.value) {
			l.fault(key(id.name), quote(id.value)+" is not a USB number", `give four hexadecimal digits, for example "0c2e"`)
		}
	}
}

// checkTwins finds scanners that would fight for one device, and names used twice.
func (l *loader) checkTwins() {
	names := map[string]int{}
	for i, s := range l.cfg.Scanners {
		n := i + 1
		if first := names[strings.ToLower(s.Name)]; first != 0 {
			l.fault(scannerKey(n)+".name", quote(s.Name)+" is the name of "+scannerKey(first)+" too", "give each scanner a name of its own")
		} else {
			names[strings.ToLower(s.Name)] = n
		}
		for j, earlier := range l.cfg.Scanners[:i] {
			if l.checkTwin(s, n, earlier, j+1) {
				break
			}
		}
	}
}

// checkTwin reports whether two scanners claim one device.
func (l *loader) checkTwin(s Scanner, n int, first Scanner, m int) bool {
	if !s.Enabled || !first.Enabled {
		return false
	}
	too := scannerKey(m) + " too" + l.elsewhere(m)
	const one = "delete one of the two; to change a scanner in a drop-in give it the same name"
	switch {
	case s.Port != "" && first.Port != "" && strings.EqualFold(filepath.Clean(s.Port), filepath.Clean(first.Port)):
		l.fault(scannerKey(n)+".port", "is the device of "+too, one)
	case s.Match.VID == "" || s.Match.VID != first.Match.VID || s.Match.PID != first.Match.PID:
		return false
	case s.Match == first.Match:
		l.fault(scannerKey(n)+".match", "is the device of "+too, one)
	case differ(s.Match.Serial, first.Match.Serial) || differ(s.Match.USBPath, first.Match.USBPath):
		return false
	default:
		// With both plugged in neither could be told from the other.
		l.fault(scannerKey(n)+".match", "fits the device of "+too, "give each of the two its serial, or its usb_path; posagent scanner list shows them")
	}
	return true
}

// differ tells whether two values can never fit one device; an empty one fits all.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// elsewhere says where the other scanner stands.
func (l *loader) elsewhere(n int) string {
	o := l.headers[scannerKey(n)]
	if o.Kind == "" {
		return ""
	}
	return " (" + o.String() + ")"
}

func normalUSB(id string) string {
	if !usbPattern.MatchString(id) {
		return id
	}
	return strings.ToLower(id[len(id)-4:])
}

func joinInts(list []int) string {
	return strings.Trim(fmt.Sprint(list), "[]")
}
