//go:build unix

package keystore

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// exposed refuses a secret that group or others can read, write or execute. What
// systemd hands over is the one exception.
func exposed(path string, info fs.FileInfo) *Error {
	perm := info.Mode().Perm()
	if perm&0o077 == 0 || handedOver(path, info) {
		return nil
	}
	owner := ownerName(info)
	if owner == "" {
		owner = "unknown"
	}
	return &Error{
		Path:    path,
		Problem: fmt.Sprintf("has mode %04o and belongs to %s: other users can read it", perm, owner),
		Hint:    "chmod 0600 " + path,
		Err:     ErrExposed,
	}
}

// restrict has nothing to do: a temporary file is made with mode 0600.
func restrict(string) error { return nil }

func ownerOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return ownerName(info)
}

func ownerName(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	uid := strconv.FormatUint(uint64(st.Uid), 10)
	u, err := user.LookupId(uid)
	if err != nil {
		return "user " + uid
	}
	return u.Username
}

// syncDir makes a new name in a directory survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // only synced
	return d.Sync()
}
