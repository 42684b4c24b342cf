package serial

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"posagent/device"
)

// busyBySystem: EBUSY is another program's TIOCEXCL, EWOULDBLOCK its lock.
func busyBySystem(err error) bool {
	return errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EWOULDBLOCK)
}

func hintFor(kind device.Kind, path string) string {
	switch kind {
	case device.KindAbsent:
		return "plug the scanner in and compare with `ls -l /dev/serial/by-id/`; a keyboard-mode scanner has no serial port: scan its USB-COM set-up barcode"
	case device.KindNoPermission:
		return permissionHint(path)
	case device.KindBusy:
		return fmt.Sprintf("`fuser -v %s` shows who has it; ModemManager and brltty take serial adapters: keep them off with a udev rule (ID_MM_DEVICE_IGNORE=1) or remove them", path)
	default:
		return fmt.Sprintf("check that %s is the scanner's port and not another device", path)
	}
}

// permissionHint says which group opens the port, from the port itself.
func permissionHint(path string) string {
	who := "the user that runs posagent"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Sprintf("let %s read and write %s", who, path)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Gid == 0 || info.Mode().Perm()&0o060 != 0o060 {
		return fmt.Sprintf("no group may use %s (mode %v): install the udev rule that gives it to group dialout, then `usermod -aG dialout %s` and restart", path, info.Mode().Perm(), who)
	}
	group := strconv.FormatUint(uint64(st.Gid), 10)
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	return fmt.Sprintf("add %s to the group of %s: `usermod -aG %s %s`, then restart the service or log in again", who, path, group, who)
}
