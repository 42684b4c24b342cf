package serial

import (
	"errors"
	"io"
	"time"

	"posagent/device"
)

// Driver is one configured serial scanner, for a device.Manager.
type Driver struct {
	cfg Config
}

// Kind is "serial".
func (*Driver) Kind() string { return "serial" }

// Find looks for the port without opening it.
func (d *Driver) Find() (device.Location, error) { return d.cfg.find() }

// Open takes the port for this process alone.
func (d *Driver) Open(loc device.Location) (device.Port, error) {
	line, err := openLine(d.cfg, loc.Path)
	if err != nil {
		return nil, err
	}
	return &port{line: line, path: loc.Path}, nil
}

// line is an open serial line. Read returns zero bytes and a nil error or
// io.EOF after readTimeout. alive says whether the device is still there.
type line interface {
	io.ReadCloser
	alive() error
}

const (
	// A time-out that comes sooner than fastEOF is not one. Some are harmless;
	// fastEOFs in a row mean that reading does not wait any more, and going on
	// would take a whole processor.
	fastEOF  = readTimeout / 4
	fastEOFs = 8
)

// port turns a line into a device.Port.
type port struct {
	line line
	path string
	buf  [512]byte
	fast int
}

func (p *port) Read() (device.Chunk, error) {
	begun := time.Now()
	n, err := p.line.Read(p.buf[:])
	if n > 0 {
		p.fast = 0
		return device.Chunk{Data: p.buf[:n]}, nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return device.Chunk{}, gone(p.path, err)
	}
	// How long it took proves nothing: an unplug may come just before the
	// time-out. Only the device can tell.
	if err := p.line.alive(); err != nil {
		return device.Chunk{}, gone(p.path, err)
	}
	if time.Since(begun) >= fastEOF {
		p.fast = 0
	} else if p.fast++; p.fast >= fastEOFs {
		return device.Chunk{}, &device.Error{
			Op: "read", Port: p.path, Kind: device.KindFaulty,
			Err:  errors.New("reading returns at once and without data"),
			Hint: "another program may have changed the port's settings; check that " + p.path + " is a serial port",
		}
	}
	return device.Chunk{}, nil
}

func (p *port) Close() error { return p.line.Close() }
