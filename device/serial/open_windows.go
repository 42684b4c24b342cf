package serial

import (
	"errors"

	tarm "github.com/tarm/serial"
)

// comLine is a COM port. Windows opens it for one program alone.
type comLine struct {
	*tarm.Port
}

func openLine(cfg Config, path string) (line, error) {
	p, err := tarm.OpenPort(tarmConfig(cfg, path))
	if err != nil {
		return nil, fault("open", path, bare(err), "")
	}
	// What stands in the buffer was scanned before anybody could be waiting.
	if err := p.Flush(); err != nil {
		return nil, errors.Join(fault("open", path, err, ""), p.Close())
	}
	return comLine{p}, nil
}

// alive has nothing to ask: a port that is gone fails its Read.
func (comLine) alive() error { return nil }
