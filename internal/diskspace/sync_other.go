//go:build !linux

package diskspace

import "os"

func dataSync(f *os.File) error { return f.Sync() }
