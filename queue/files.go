package queue

import (
	"errors"
	"os"
	"runtime"
)

func fileSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// growFile appends zeros and syncs. bbolt takes a file that is longer than its
// contents: it leaves such room itself.
func growFile(path string, bytes int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	zeros := make([]byte, 128<<10)
	for ; bytes > 0; bytes -= int64(len(zeros)) {
		if _, err := f.Write(zeros[:min(int64(len(zeros)), bytes)]); err != nil {
			return err
		}
	}
	return f.Sync()
}

// mapSize is how much address space bbolt maps at once: so much that it need not
// map again while the program runs, as that would make a commit wait for every
// reader, such as a backup. On Windows, where the file would be made that long,
// and with 32-bit addresses, bbolt's own steps are used.
func mapSize(path string, readOnly bool) int {
	if readOnly || runtime.GOOS == "windows" || ^uint(0)>>32 == 0 {
		return 0
	}
	size, err := fileSize(path)
	if err != nil {
		return 0 // bbolt reports it
	}
	return int(2*size) + 1<<30
}
