//go:build linux || windows

package serial

import (
	tarm "github.com/tarm/serial"
)

func tarmConfig(cfg Config, path string) *tarm.Config {
	c := &tarm.Config{
		Name: path, Baud: cfg.Baud, ReadTimeout: readTimeout,
		Size: byte(cfg.DataBits), Parity: tarm.ParityNone, StopBits: tarm.Stop1,
	}
	switch cfg.Parity {
	case ParityOdd:
		c.Parity = tarm.ParityOdd
	case ParityEven:
		c.Parity = tarm.ParityEven
	}
	if cfg.StopBits == 2 {
		c.StopBits = tarm.Stop2
	}
	return c
}
