package localapi

import (
	"errors"

	"posagent/internal/receipt"
)

// Settings are what a changed configuration changes without a restart.
type Settings struct {
	Currency string // the terminal's; sales in another one are refused

	// Supervisors judges PINs and Needs says for what; nil: no file is configured.
	Supervisors Supervisors
	Needs       Needs

	Receipts receipt.Printer // the zero value prints in English, for nobody's shop
}

// Apply puts other settings into force for every request that comes from now on.
func (s *Server) Apply(next Settings) error {
	if next.Currency == "" {
		return errors.New("local API without the terminal's currency")
	}
	s.settings.Store(&next)
	return nil
}

// now is what is in force.
func (s *Server) now() *Settings { return s.settings.Load() }
