//go:build unix

package queue

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// lockFile takes the same lock that bbolt takes, for as long as the file is
// inspected. It returns ErrLocked where another program holds it.
func lockFile(path string, shared bool) (unlock func() error, err error) {
	flag := os.O_RDWR
	how := syscall.LOCK_EX | syscall.LOCK_NB
	if shared {
		flag, how = os.O_RDONLY, syscall.LOCK_SH|syscall.LOCK_NB
	}
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return nil, err
	}
	const pause = 50 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err = syscall.Flock(int(f.Fd()), how)
		if err == nil {
			return f.Close, nil // closing lets go of the lock
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || waited >= lockWait {
			break
		}
		time.Sleep(pause)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrLocked
	}
	return nil, errors.Join(err, f.Close())
}

// syncDir makes names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) { // a file system that has no such thing
		err = nil
	}
	return errors.Join(err, d.Close())
}
