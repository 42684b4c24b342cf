package usbfs_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"posagent/device/hid/usbfs"
)

func TestAnInterfaceIsNotGivenBackThroughWhatIsNoDevice(t *testing.T) {
	if runtime.GOOS != "linux" {
		if err := usbfs.Reattach("x", 0); !errors.Is(err, usbfs.ErrUnsupported) {
			t.Errorf("%v", err)
		}
		return
	}
	gone := filepath.Join(t.TempDir(), "003")
	if err := usbfs.Reattach(gone, 0); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a device that is gone: %v", err)
	}
	// A device of another kind does not know the request.
	if err := usbfs.Reattach("/dev/null", 1); err == nil || !strings.Contains(err.Error(), "interface 1 of /dev/null") {
		t.Errorf("another device: %v", err)
	}
	for _, number := range []int{-1, 256} {
		if err := usbfs.Reattach("/dev/null", number); err == nil || !strings.Contains(err.Error(), "no such interface") {
			t.Errorf("interface %d: %v", number, err)
		}
	}
}
