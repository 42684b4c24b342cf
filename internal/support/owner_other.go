//go:build !unix

package support

import "io/fs"

func owner(fs.FileInfo) string { return "-" }
