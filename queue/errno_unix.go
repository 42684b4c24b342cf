//go:build unix

package queue

import "syscall"

func fullErrnos() []syscall.Errno {
	return []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
}

func readOnlyErrnos() []syscall.Errno { return []syscall.Errno{syscall.EROFS} }
