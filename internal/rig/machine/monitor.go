package machine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// monitor speaks QEMU's machine protocol (docs/interop/qmp-spec in QEMU): JSON
// objects, a command's answer before the next command. It belongs to one
// goroutine.
type monitor struct {
	w io.Writer
	r *bufio.Reader
}

func newMonitor(c io.ReadWriter) (*monitor, error) {
	m := &monitor{w: c, r: bufio.NewReader(c)}
	if _, err := m.r.ReadBytes('\n'); err != nil { // the greeting
		return nil, fmt.Errorf("QEMU's monitor: %w", err)
	}
	return m, m.do("qmp_capabilities", nil)
}

// do runs a command. Events that come before its answer are passed over.
func (m *monitor) do(command string, arguments any) error {
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	b, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("QEMU's %s: %w", command, err)
	}
	if _, err := m.w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("QEMU's %s: %w", command, err)
	}
	for {
		line, err := m.r.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("QEMU's %s: %w", command, err)
		}
		var answer struct {
			Event  string          `json:"event"`
			Return json.RawMessage `json:"return"`
			Error  *struct {
				Desc string `json:"desc"`
			} `json:"error"`
		}
		if err := json.Unmarshal(line, &answer); err != nil {
			return fmt.Errorf("QEMU's %s: %w", command, err)
		}
		switch {
		case answer.Event != "":
		case answer.Error != nil:
			return fmt.Errorf("QEMU's %s: %s", command, answer.Error.Desc)
		case answer.Return != nil:
			return nil
		default:
			return errors.New("QEMU's " + command + ": an answer that is none: " + string(line))
		}
	}
}
