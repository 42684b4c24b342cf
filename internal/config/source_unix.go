//go:build unix

package config

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// sourceOf tells whose file it is and when it was written: who changed what. A
// file that is gone again keeps its path alone.
func sourceOf(path string) Source {
	s := Source{Path: path}
	info, err := os.Stat(path)
	if err != nil {
		return s
	}
	s.Modified = info.ModTime()
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		uid := strconv.FormatUint(uint64(st.Uid), 10)
		s.Owner = "uid " + uid
		if u, err := user.LookupId(uid); err == nil {
			s.Owner = u.Username
		}
	}
	return s
}
