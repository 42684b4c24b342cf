package hid

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"posagent/device/usb"
)

// permissionHint says who may open the device's file and how to become one.
func permissionHint(dev usb.Device) string {
	who := "the user that runs posagent"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	if group, ok := groupOf(dev.Node); ok {
		return fmt.Sprintf("add %s to the group of %s: `usermod -aG %s %s`, then restart the service", who, dev.Node, group, who)
	}
	return fmt.Sprintf("no group may read and write %s: install posagent's udev rule (60-posagent-scanner.rules) with vendor id %s in it, plug the scanner in again, and let %s be in the group posagent-scanner", dev.Node, dev.VID, who)
}

// groupOf names the group that may read and write a file, other than root's.
func groupOf(path string) (string, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return "", false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Gid == 0 || info.Mode().Perm()&0o060 != 0o060 {
		return "", false
	}
	id := strconv.FormatUint(uint64(st.Gid), 10)
	if g, err := user.LookupGroupId(id); err == nil {
		return g.Name, true
	}
	return id, true
}
