//go:build !unix && !windows

package localapi

// ListenSocket has nothing to listen on here.
func ListenSocket(path, _ string) (Listener, error) {
	return Listener{}, &ListenError{Addr: path, Err: ErrUnsupported, Hint: "set api.listen and api.token_file instead"}
}

func inUse(error) bool { return false }
