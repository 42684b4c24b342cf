package queue

import "syscall"

func fullErrnos() []syscall.Errno {
	const handleDiskFull, diskFull = syscall.Errno(39), syscall.Errno(112) // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL
	return []syscall.Errno{handleDiskFull, diskFull}
}

func readOnlyErrnos() []syscall.Errno {
	const writeProtect = syscall.Errno(19) // ERROR_WRITE_PROTECT
	return []syscall.Errno{writeProtect}
}
