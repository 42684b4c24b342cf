//go:build linux || darwin || freebsd

package diskspace

import (
	"os"

	"golang.org/x/sys/unix"
)

func free(path string) (Space, error) {
	var st unix.Statfs_t
	for {
		err := unix.Statfs(path, &st)
		if err == nil {
			break
		}
		if err != unix.EINTR {
			return Space{}, &os.PathError{Op: "statfs", Path: path, Err: err}
		}
	}
	// The fields' types differ between systems; some count below zero what is reserved for root.
	size := uint64(st.Bsize) //nolint:unconvert // signed on Linux
	available := int64(st.Bavail)
	return Space{Free: uint64(max(available, 0)) * size, Total: uint64(st.Blocks) * size}, nil
}
