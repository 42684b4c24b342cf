//go:build !unix

package queue

// lockFile does nothing here: bbolt's own lock follows, and a file that another
// program is just writing is only ever mistaken for damaged, never for sound.
func lockFile(string, bool) (unlock func() error, err error) {
	return func() error { return nil }, nil
}

// syncDir does nothing here: NTFS keeps its folders in its own log.
func syncDir(string) error { return nil }
