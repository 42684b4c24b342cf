//go:build unix

package supervisor

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

func exposed(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// adopt gives a new file to whom it must belong: to the old one's owner, or to the
// directory's. Root sets the PINs and the daemon, another user, reads them.
func adopt(f *os.File, path string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		if info, err = os.Stat(filepath.Dir(path)); err != nil {
			return err
		}
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return f.Chown(int(st.Uid), int(st.Gid))
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
