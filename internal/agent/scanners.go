package agent

import (
	"fmt"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/serial"
	"posagent/internal/config"
)

// Scanners makes the drivers of the configured scanners.
func Scanners(cfg *config.Config) ([]device.Scanner, error) {
	var out []device.Scanner
	for _, s := range cfg.ActiveScanners() {
		driver, err := newDriver(s)
		if err != nil {
			return nil, fmt.Errorf("scanner %q: %w", s.Name, err)
		}
		out = append(out, device.Scanner{Name: s.Name, Driver: driver, Framing: framing(s)})
	}
	return out, nil
}

func newDriver(s config.Scanner) (device.Driver, error) {
	switch s.Type {
	case config.ScannerSerial:
		return serial.New(serial.Config{
			Name: s.Name, Port: s.Port, Match: serial.Match{VID: s.Match.VID, PID: s.Match.PID, Serial: s.Match.Serial},
			Baud: s.Baud, DataBits: s.DataBits, Parity: serial.Parity(s.Parity), StopBits: s.StopBits,
			Framing: framing(s),
		})
	case config.ScannerHID:
		return nil, fmt.Errorf("this version reads serial and USB serial scanners only: set the scanner to its serial (USB-CDC) mode and type = \"serial\"")
	}
	return nil, fmt.Errorf("unknown type %q", s.Type)
}

func framing(s config.Scanner) decode.Framing {
	return decode.Framing{
		Prefix: s.Prefix, Suffix: decode.Suffix(s.Suffix), AIM: decode.AIMMode(s.AIM),
		IdleGap: s.IdleGap, MaxLength: s.MaxLength,
	}
}
