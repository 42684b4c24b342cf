//go:build unix

package support

import (
	"io/fs"
	"strconv"
	"syscall"
)

// owner gives user and group of a file as numbers.
func owner(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "?:?"
	}
	return strconv.FormatUint(uint64(st.Uid), 10) + ":" + strconv.FormatUint(uint64(st.Gid), 10)
}
