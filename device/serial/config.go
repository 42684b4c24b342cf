package serial

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/usb"
)

// readTimeout bounds one Read and with it how long a stop takes. The library
// knows tenths of a second; it rounds down to one.
const readTimeout = 100 * time.Millisecond

// Parity is the parity bit of a line.
type Parity string

// The parities that the library can set on every system.
const (
	ParityNone Parity = "none"
	ParityOdd  Parity = "odd"
	ParityEven Parity = "even"
)

// Match finds a USB device by what does not change when it is plugged in again.
// Of several devices of one kind, the serial number or the socket tells which
// one is meant.
type Match = usb.Match

// Config is one scanner on a serial port. Port or Match is needed, not both.
type Config struct {
	// Name is what people call the scanner. Empty: the port.
	Name string
	// Port is a path or a COM name.
	Port string
	// Match finds the port by USB ids instead; Linux only.
	Match Match
	// Baud is the line's speed; zero: 9600. USB-CDC scanners ignore it.
	Baud int
	// DataBits is 5 to 8; zero: 8.
	DataBits int
	// Parity is none, odd or even; empty: none.
	Parity Parity
	// StopBits is 1 or 2; zero: 1.
	StopBits int
	// Framing is how the scanner wraps its labels.
	Framing decode.Framing

	// DevRoot and SysRoot stand for /dev and /sys; empty: these. Tests set them.
	DevRoot, SysRoot string
}

// DefaultBaud is the factory setting of most scanners.
const DefaultBaud = 9600

// Bauds lists the speeds that can be set, in ascending order.
func Bauds() []int {
	return []int{
		50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200,
		230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
	}
}

// New checks the configuration and returns the driver. It opens nothing. The
// error names every value that cannot be used.
func New(cfg Config) (*Driver, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Driver{cfg: cfg}, nil
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

func (c Config) withDefaults() Config {
	if c.Baud == 0 {
		c.Baud = DefaultBaud
	}
	if c.DataBits == 0 {
		c.DataBits = 8
	}
	if c.Parity == "" {
		c.Parity = ParityNone
	}
	if c.StopBits == 0 {
		c.StopBits = 1
	}
	if c.DevRoot == "" {
		c.DevRoot = "/dev"
	}
	if c.SysRoot == "" {
		c.SysRoot = "/sys"
	}
	c.Match = c.Match.Normal()
	if c.Name == "" {
		c.Name = c.where()
	}
	return c
}

// Validate names every value that cannot be used. Zero values are defaults.
func (c Config) Validate() error {
	c = c.withDefaults()
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	match := c.Match != Match{}
	switch {
	case c.Port == "" && !match:
		bad("neither port nor match says where the scanner is; set port, e.g. %s", examplePort())
	case c.Port != "" && match:
		bad("port and match exclude each other; keep one")
	case match && runtime.GOOS != "linux":
		bad("match works on Linux only; set port, e.g. %s", examplePort())
	case match:
		if err := c.Match.Validate(); err != nil {
			errs = append(errs, err)
		}
	}
	if !slices.Contains(Bauds(), c.Baud) {
		bad("baud %d cannot be set; use one of %s", c.Baud, join(Bauds()))
	}
	if c.DataBits < 5 || c.DataBits > 8 {
		bad("data bits %d cannot be set; use 5, 6, 7 or 8", c.DataBits)
	}
	if !slices.Contains([]Parity{ParityNone, ParityOdd, ParityEven}, c.Parity) {
		bad("parity %q cannot be set; use none, odd or even", c.Parity)
	}
	if c.StopBits != 1 && c.StopBits != 2 {
		bad("stop bits %d cannot be set; use 1 or 2", c.StopBits)
	}
	if err := c.Framing.Validate(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func examplePort() string {
	if runtime.GOOS == "windows" {
		return "COM3"
	}
	return "/dev/serial/by-id/usb-..."
}

// where is what the configuration looks for, in words.
func (c Config) where() string {
	if c.Port != "" {
		return c.Port
	}
	return c.Match.String()
}

func join(values []int) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = strconv.Itoa(v)
	}
	return strings.Join(parts, ", ")
}
