//go:build !linux

package serial

import "posagent/device"

// find names the configured port: whether it is there shows when it is opened.
func (c Config) find() (device.Location, error) { return device.Location{Path: c.Port}, nil }
