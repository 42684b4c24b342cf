package keyboard

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"posagent/device/decode"
	"posagent/device/keyboard/evdev"
	"posagent/device/usb"
)

// minIdleGap is the shortest gap that may end a label. Scanners can be set to
// wait up to 99 ms between two characters.
const minIdleGap = 100 * time.Millisecond

// Config is one scanner in keyboard mode. Match or Event is needed, not both.
type Config struct {
	// Name is what people call the scanner. Empty: what is looked for.
	Name string
	// Match finds a scanner on USB. Vendor and product id are needed: a match
	// by class would take the cashier's keyboard.
	Match usb.Match
	// Event finds any other keyboard: Bluetooth, or virtual.
	Event EventMatch
	// Layout is the one that the scanner is set to. Empty: DefaultLayout.
	Layout Layout
	// Framing is how the scanner wraps its labels. The Enter key is CR, the Tab
	// key TAB, and with suffix auto either ends a label.
	Framing decode.Framing
	// System is where devices are shown. Tests set it.
	System usb.System
}

// EventMatch finds a keyboard by what its event node says about it.
type EventMatch struct {
	// Bus is "usb", "bluetooth" or "virtual"; empty: any.
	Bus string
	// Vendor and Product are four hexadecimal digits each; both are needed.
	Vendor, Product string
	// Name and Uniq, the serial number or Bluetooth address, are compared whole;
	// empty: any.
	Name, Uniq string
}

var hexID = regexp.MustCompile(`^[0-9a-f]{4}$`)

func normalID(s string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "0x")
}

func (m EventMatch) normal() EventMatch {
	m.Vendor, m.Product = normalID(m.Vendor), normalID(m.Product)
	return m
}

// Validate names every value that cannot be meant.
func (m EventMatch) Validate() error {
	m = m.normal()
	var errs []error
	for _, id := range []struct{ key, value string }{{"vendor", m.Vendor}, {"product", m.Product}} {
		if !hexID.MatchString(id.value) {
			errs = append(errs, fmt.Errorf("%s %q is not an id of four hexadecimal digits, e.g. 0c2e", id.key, id.value))
		}
	}
	if _, ok := m.bus(); !ok {
		errs = append(errs, fmt.Errorf("bus %q is not known; use usb, bluetooth or virtual", m.Bus))
	}
	return errors.Join(errs...)
}

// bus is the number of the bus; 0: any.
func (m EventMatch) bus() (number uint16, ok bool) {
	switch m.Bus {
	case "":
		return 0, true
	case "usb":
		return evdev.BusUSB, true
	case "bluetooth":
		return evdev.BusBluetooth, true
	case "virtual":
		return evdev.BusVirtual, true
	}
	return 0, false
}

// String is what the match looks for, in words.
func (m EventMatch) String() string {
	m = m.normal()
	s := "keyboard " + m.Vendor + ":" + m.Product
	if m.Bus != "" {
		s = m.Bus + " " + s
	}
	if m.Name != "" {
		s += fmt.Sprintf(" named %q", m.Name)
	}
	if m.Uniq != "" {
		s += " serial " + m.Uniq
	}
	return s
}

func (m EventMatch) matches(i evdev.Info) bool {
	bus, _ := m.bus()
	return m.Vendor == hex4(i.ID.Vendor) && m.Product == hex4(i.ID.Product) && (bus == 0 || bus == i.ID.Bus) &&
		(m.Name == "" || m.Name == i.Name) && (m.Uniq == "" || m.Uniq == i.Uniq)
}

func hex4(v uint16) string { return fmt.Sprintf("%04x", v) }

// New checks the configuration and returns the driver. It opens nothing. The
// error names every value that cannot be used.
func New(cfg Config) (*Driver, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.Match, cfg.Event = cfg.Match.Normal(), cfg.Event.normal()
	if cfg.Layout == "" {
		cfg.Layout = DefaultLayout
	}
	if cfg.Name == "" {
		cfg.Name = cfg.where()
	}
	return &Driver{cfg: cfg}, nil
}

// Validate names every value that cannot be used. Empty values are defaults.
func (c Config) Validate() error {
	var errs []error
	onUSB, onAny := c.Match != usb.Match{}, c.Event != EventMatch{}
	switch {
	case onUSB && onAny:
		errs = append(errs, errors.New("a match by USB ids and one by the event node exclude each other; keep one"))
	case onAny:
		errs = append(errs, c.Event.Validate())
	default:
		errs = append(errs, c.Match.Validate())
	}
	if gap := c.Framing.IdleGap; gap > 0 && gap < minIdleGap {
		errs = append(errs, fmt.Errorf("idle gap %v is shorter than the pause that a scanner may make between two keys; use %v or more", gap, minIdleGap))
	}
	return errors.Join(append(errs, c.Layout.Validate(), c.Framing.Validate())...)
}

func (c Config) byEvent() bool { return c.Event != EventMatch{} }

// where is what the configuration looks for, in words.
func (c Config) where() string {
	if c.byEvent() {
		return c.Event.String()
	}
	return c.Match.String()
}
