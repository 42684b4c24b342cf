package config

import (
	"crypto/sha256"
	"encoding/hex"
)

// content is what a file that a key names held when it was read: a key that was
// replaced under the same name is a change too.
type content struct {
	digest string // the whole of it decides
	shown  string // what may be told of it; empty where the file is a secret
}

// keep remembers the content of the file behind a key. What is told of a secret
// must not help anybody to guess it, so that only its name is.
func (l *loader) keep(key string, data []byte, secret bool) {
	sum := sha256.Sum256(data)
	c := content{digest: hex.EncodeToString(sum[:])}
	if !secret {
		c.shown = "sha256 " + c.digest[:16]
	}
	l.cfg.contents[key] = c
}
