package config

import "posagent/internal/acl"

// writableByAll remarks on a file that others than administrators could change: whoever can change base_url and the
// key can take the customers' payments.
func writableByAll(path string) (remark, remedy string) {
	d, err := acl.OfFile(path)
	if err != nil {
		return "", ""
	}
	trusted, err := acl.Trusted()
	if err != nil {
		return "", ""
	}
	if others := d.Others(acl.Changing, trusted...); len(others) > 0 {
		return acl.Names(others) + " can change the file",
			`as administrator: posagent service install, which closes the directory; or icacls "` + path + `" /inheritance:r`
	}
	return "", ""
}
