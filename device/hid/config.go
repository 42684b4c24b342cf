package hid

import (
	"errors"
	"fmt"
	"runtime"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/keyboard"
	"posagent/device/usb"
)

// Config is one scanner on USB in HID POS or keyboard mode.
type Config struct {
	// Name is what people call the scanner. Empty: what Match looks for.
	Name string
	// Match says which device it is; VID and PID are needed. Path is for Linux
	// alone.
	Match usb.Match
	// Layout is the keyboard layout that the scanner is programmed for; used in
	// keyboard mode alone. Empty: device/keyboard's default.
	Layout keyboard.Layout
	// Framing is how the scanner wraps its labels. In HID POS mode the ends of
	// labels stand beside their bytes: a suffix means nothing there.
	Framing decode.Framing

	// System stands for /sys and /dev; tests set it.
	System usb.System
}

// New checks the configuration and returns the driver. It opens nothing. The
// error names every value that cannot be used.
func New(cfg Config) (*Driver, error) {
	cfg.Match = cfg.Match.Normal()
	if cfg.Name == "" {
		cfg.Name = cfg.Match.String()
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	d := &Driver{cfg: cfg, api: karalabe{}}
	keys, err := newKeyboard(cfg)
	if err != nil {
		return nil, err
	}
	d.keys = keys
	return d, nil
}

// NewScanner is New with the name and the framing of the configuration beside
// it, ready for a device.Manager.
func NewScanner(cfg Config) (device.Scanner, error) {
	d, err := New(cfg)
	if err != nil {
		return device.Scanner{}, err
	}
	return device.Scanner{Name: d.cfg.Name, Driver: d, Framing: cfg.Framing}, nil
}

// Validate names every value that cannot be used.
func (c Config) Validate() error {
	var errs []error
	if err := c.Match.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("match: %w", err))
	}
	if c.Match.Path != "" && runtime.GOOS != "linux" {
		errs = append(errs, errors.New("match: the USB port is told on Linux only; use serial"))
	}
	return errors.Join(append(errs, c.Layout.Validate(), c.Framing.Validate())...)
}
