package supervisor

import (
	"fmt"
	"io/fs"

	"posagent/internal/acl"
)

// exposed refuses a file that others than the system, its administrators, the
// service and this user can read or change, and one that does not tell.
func exposed(path string, _ fs.FileInfo) *FileError {
	d, err := acl.OfFile(path)
	if err != nil {
		return fileError(path, "does not tell who can read it", err)
	}
	trusted, err := acl.Trusted()
	if err != nil {
		return fileError(path, "does not tell who can read it", err)
	}
	others := d.Others(acl.Reading|acl.Changing, trusted...)
	if len(others) == 0 {
		return nil
	}
	return &FileError{
		Path: path, Problem: "can be read or changed by " + acl.Names(others),
		Hint: fmt.Sprintf(`as administrator: icacls "%s" /inheritance:r /grant:r *%s:F *%s:F *%s:M`, path, acl.System, acl.Administrators, acl.ServiceAccount),
	}
}
