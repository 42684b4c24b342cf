package config

import (
	"path/filepath"
	"strconv"
)

// OriginKind names a layer of the configuration.
type OriginKind string

const (
	OriginDefault OriginKind = "default"
	OriginFile    OriginKind = "file"
	OriginEnv     OriginKind = "environment"
	OriginFlag    OriginKind = "flag"
)

// Origin says where a value came from.
type Origin struct {
	Kind   OriginKind `json:"kind"`
	File   string     `json:"file,omitempty"`   // absolute path, for OriginFile
	Line   int        `json:"line,omitempty"`   // counted from one
	Column int        `json:"column,omitempty"` // in bytes, counted from one
	Name   string     `json:"name,omitempty"`   // the variable or the flag

	rank int // order of the layers, for sorting
}

// String gives file:line, the variable, the flag, or "default".
func (o Origin) String() string { return o.relative("") }

// relative shortens files below dir.
func (o Origin) relative(dir string) string {
	switch o.Kind {
	case OriginFile:
		file := o.File
		if dir != "" {
			if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
				file = rel
			}
		}
		if o.Line > 0 {
			return file + ":" + strconv.Itoa(o.Line)
		}
		return file
	case OriginEnv, OriginFlag:
		return o.Name
	default:
		return string(OriginDefault)
	}
}
