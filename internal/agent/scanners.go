package agent

import (
	"fmt"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/hid"
	"posagent/device/keyboard"
	"posagent/device/serial"
	"posagent/device/usb"
	"posagent/internal/config"
)

// Scanners makes the drivers of the configured scanners. sys is where their
// devices are shown; zero: this machine's /sys and /dev.
func Scanners(cfg *config.Config, sys usb.System) ([]device.Scanner, error) {
	var out []device.Scanner
	for _, s := range cfg.ActiveScanners() {
		scanner, err := NewScanner(s, sys)
		if err != nil {
			return nil, err
		}
		out = append(out, scanner)
	}
	return out, nil
}

// NewScanner makes the driver of one scanner. It opens nothing.
func NewScanner(s config.Scanner, sys usb.System) (scanner device.Scanner, err error) {
	match := usb.Match{VID: s.Match.VID, PID: s.Match.PID, Serial: s.Match.Serial, Path: s.Match.USBPath}
	switch s.Type {
	case config.ScannerSerial:
		scanner, err = serial.NewScanner(serial.Config{
			Name: s.Name, Port: s.Port, Match: match,
			Baud: s.Baud, DataBits: s.DataBits, Parity: serial.Parity(s.Parity), StopBits: s.StopBits,
			Framing: framing(s), DevRoot: sys.Dev, SysRoot: sys.Sys,
		})
	case config.ScannerHID:
		scanner, err = hid.NewScanner(hid.Config{
			Name: s.Name, Match: match, Layout: keyboard.Layout(s.Layout), Framing: framing(s), System: sys,
		})
	default:
		err = fmt.Errorf("unknown type %q", s.Type)
	}
	if err != nil {
		return device.Scanner{}, fmt.Errorf("scanner %q: %w", s.Name, err)
	}
	return scanner, nil
}

func framing(s config.Scanner) decode.Framing {
	return decode.Framing{
		Prefix: s.Prefix, Suffix: decode.Suffix(s.Suffix), AIM: decode.AIMMode(s.AIM),
		IdleGap: s.IdleGap, MaxLength: s.MaxLength,
	}
}
