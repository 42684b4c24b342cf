// Package dpapi seals small secrets with the Data Protection API of Windows, for the
// machine and not for a user: what is sealed opens on this machine alone, after
// every restart, without a password.
//
// It keeps a secret out of backups, images and lost disks that lack the machine's
// own keys. It does not keep it from other programs of the machine that can read the
// file and know the entropy, which is no secret: that is the access list's part.
package dpapi

import "errors"

// Errors of sealing and opening.
var (
	// ErrUnsupported: this system has no Data Protection API.
	ErrUnsupported = errors.New("the Data Protection API is only on Windows")
	// ErrSealed: it was sealed on another machine or for another purpose, or is
	// damaged.
	ErrSealed = errors.New("cannot be opened on this machine")
)
