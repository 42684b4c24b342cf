//go:build !linux

package serial

import "posagent/device"

// find names the configured port: whether it is there shows when it is opened.
func (c Config) find() (device.Location, error) { return device.Location{Path: c.Port}, nil }

// List needs sysfs and finds nothing elsewhere.
func List(_, _ string) ([]PortInfo, error) { return nil, nil }
