package keystore

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// handedOver tells whether a file with such a mode is a credential that systemd made, and not one that somebody left
// open. systemd gives the service's user access by an access list, which shows as the group's bit. So the bit is
// accepted where nobody but root and this user can have put the file: one that cannot be written, in a directory that
// others cannot enter or write, both root's or this user's, in memory and not on a disk, where credentials lie.
func handedOver(path string, info fs.FileInfo) bool {
	if info.Mode().Perm()&^0o440 != 0 || !ownOrRoots(info) {
		return false
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	dir := filepath.Dir(real)
	if filepath.Dir(dir) != credentialsRoot && dir != credentialsOf(os.Getenv(credentialsEnv)) {
		return false
	}
	at, err := os.Lstat(dir)
	if err != nil || at.Mode().Perm()&0o027 != 0 || !ownOrRoots(at) {
		return false
	}
	return inMemory(dir)
}

// credentialsOf is the directory itself, should the environment name it by a link.
func credentialsOf(env string) string {
	real, err := filepath.EvalSymlinks(env)
	if env == "" || err != nil {
		return ""
	}
	return real
}

func ownOrRoots(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && (st.Uid == 0 || int(st.Uid) == os.Geteuid())
}

func inMemory(dir string) bool {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return false
	}
	return uint32(st.Type) == unix.RAMFS_MAGIC || uint32(st.Type) == unix.TMPFS_MAGIC
}
