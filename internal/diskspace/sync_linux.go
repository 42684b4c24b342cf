package diskspace

import (
	"os"

	"golang.org/x/sys/unix"
)

// dataSync is fdatasync, what the journal's database uses.
func dataSync(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
