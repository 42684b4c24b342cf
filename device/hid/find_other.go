//go:build !linux

package hid

import "posagent/device"

const openHint = "unplug the scanner and plug it in again; close other programs that use scanners"

// find lists the interfaces with the library, which tells their usages here.
func (d *Driver) find() (target, error) {
	if !d.api.supported() {
		return target{}, d.notBuiltIn()
	}
	return d.pickListed()
}

// access: these systems have no file to try.
func (d *Driver) access(target) error { return nil }

// newKeyboard: no program can have a keyboard for itself here.
func newKeyboard(Config) (device.Driver, error) { return nil, nil }
