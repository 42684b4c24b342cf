package client

import "posagent/internal/localapi/wire"

// allowance is a supervisor as a request writes it out. wire.Supervisor prints as a
// mask, JSON included; in the structs that are sent this stands in its place.
type allowance struct {
	Name string `json:"name"`
	PIN  string `json:"pin"`
}

func allow(s *wire.Supervisor) *allowance {
	if s == nil {
		return nil
	}
	return &allowance{Name: s.Name, PIN: s.PIN.Reveal()}
}

func resolution(r wire.Resolution) any {
	return struct {
		wire.Resolution
		Supervisor *allowance `json:"supervisor,omitempty"`
	}{r, allow(r.Supervisor)}
}
