package agent

import (
	"posagent/device/usb"
	"posagent/internal/config"
)

// Check judges what only the parts themselves can judge of a configuration that
// has no faults otherwise. The error is config.Faults.
func Check(cfg *config.Config) error {
	if _, err := Scanners(cfg, usb.System{}); err != nil {
		return config.Faults{{Key: "scanner", Problem: err.Error(), Remedy: "correct the scanner's keys; \"posagent scanner list\" shows what is plugged in"}}
	}
	return nil
}
