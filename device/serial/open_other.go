//go:build !linux && !windows

package serial

import (
	"errors"
	"runtime"

	"posagent/device"
)

func openLine(_ Config, path string) (line, error) {
	return nil, &device.Error{
		Op: "open", Port: path, Kind: device.KindFaulty,
		Err:  errors.ErrUnsupported,
		Hint: "serial scanners are not supported on " + runtime.GOOS + "; use Linux or Windows",
	}
}
