//go:build unix

package config

import "os"

// writableByAll remarks on a file that any user of the machine could change: whoever can change base_url and the
// key can take the customers' payments.
func writableByAll(path string) (remark, remedy string) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o002 == 0 {
		return "", ""
	}
	return "every user of this machine can change the file", "chmod go-w " + path
}
