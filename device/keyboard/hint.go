package keyboard

import (
	"fmt"
	"runtime"

	"posagent/device"
)

func hintFor(kind device.Kind, path string) string {
	switch kind {
	case device.KindNoPermission:
		return permissionHint(path)
	case device.KindBusy:
		return busyHint(path)
	case device.KindGone:
		return "the scanner left: check the cable, the hub and its power supply; on Bluetooth, that it has not gone to sleep"
	case device.KindFaulty:
		if runtime.GOOS != "linux" {
			return unsupportedHint
		}
		return fmt.Sprintf("check that %s is the scanner's event node", path)
	default:
		return "plug the scanner in, or switch it on"
	}
}

func busyHint(path string) string {
	return fmt.Sprintf("`fuser -v %s` shows who has it: another posagent, or a program that remaps keys; if nobody has, a key of the scanner hangs: unplug it and plug it in again", path)
}
