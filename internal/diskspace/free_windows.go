package diskspace

import (
	"os"

	"golang.org/x/sys/windows"
)

func free(path string) (Space, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return Space{}, &os.PathError{Op: "GetDiskFreeSpaceEx", Path: path, Err: err}
	}
	var space Space
	if err := windows.GetDiskFreeSpaceEx(name, &space.Free, &space.Total, nil); err != nil {
		return Space{}, &os.PathError{Op: "GetDiskFreeSpaceEx", Path: path, Err: err}
	}
	return space, nil
}
