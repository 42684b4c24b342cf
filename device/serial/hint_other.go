//go:build !linux

package serial

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"posagent/device"
)

// busyBySystem: Windows answers "access denied" when another program has the
// port; there are no permissions on COM ports in practice.
func busyBySystem(err error) bool {
	return runtime.GOOS == "windows" && errors.Is(err, fs.ErrPermission)
}

func hintFor(kind device.Kind, path string) string {
	switch kind {
	case device.KindAbsent:
		return fmt.Sprintf("plug the scanner in and look for %s under Ports in the device manager; a keyboard-mode scanner has no port: scan its USB-COM set-up barcode", path)
	case device.KindBusy:
		return fmt.Sprintf("close the program that uses %s", path)
	case device.KindNoPermission:
		return fmt.Sprintf("let the user that runs posagent use %s", path)
	default:
		return fmt.Sprintf("check that %s is the scanner's port and not another device", path)
	}
}
