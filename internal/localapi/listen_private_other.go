//go:build !unix

package localapi

import (
	"errors"
	"fmt"

	"posagent/internal/pipe"
)

// ListenPrivate listens on a named pipe for administrators alone. The key is that
// of the configuration, for hints.
func ListenPrivate(key, path string) (Listener, error) {
	l, err := pipe.ListenAdmin(path)
	if err != nil {
		if errors.Is(err, pipe.ErrInUse) {
			err = fmt.Errorf("%w: %w", ErrInUse, err)
		}
		return Listener{}, &ListenError{Addr: path, Err: err, Hint: "check " + key}
	}
	return Listener{Listener: l, Trusted: true}, nil
}
