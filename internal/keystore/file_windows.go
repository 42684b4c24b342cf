package keystore

import (
	"fmt"
	"io/fs"

	"posagent/internal/acl"
)

// exposed refuses a secret that anybody but the system, its administrators, the
// service and this user can read or change.
func exposed(path string, _ fs.FileInfo) *Error {
	d, err := acl.OfFile(path)
	if err != nil {
		return &Error{Path: path, Problem: "does not tell who can read it: " + err.Error(), Hint: "check the disk: it must be NTFS", Err: ErrExposed}
	}
	trusted, err := acl.Trusted()
	if err != nil {
		return &Error{Path: path, Problem: err.Error(), Hint: "run as a user of this machine", Err: ErrExposed}
	}
	others := d.Others(acl.Reading|acl.Changing, trusted...)
	if len(others) == 0 {
		return nil
	}
	return &Error{
		Path: path, Problem: "can be read or changed by " + acl.Names(others), Err: ErrExposed,
		Hint: fmt.Sprintf(`as administrator: posagent keys protect "%s" for a private key; for anything else: `+
			`takeown /A /F "%s" & icacls "%s" /inheritance:r /grant:r *%s:F *%s:F "%s:R"`,
			path, path, path, acl.System, acl.Administrators, acl.ServiceAccount),
	}
}

// restrict closes a file to other users.
func restrict(path string) error {
	me, err := acl.Me()
	if err != nil {
		return err
	}
	return acl.Apply(path, acl.KeyFile(me))
}

func ownerOf(path string) string {
	d, err := acl.OfFile(path)
	if err != nil {
		return ""
	}
	return acl.Name(d.Owner)
}

// syncDir has no counterpart: the file system keeps names in its own log.
func syncDir(string) error { return nil }
