//go:build !linux

package keyboard

import (
	"errors"
	"fmt"
	"strings"
)

func openNodes(paths []string, _, _ string) (source, bool, error) {
	return nil, false, fault("open", strings.Join(paths, ","), errors.ErrUnsupported)
}

func permissionHint(path string) string { return fmt.Sprintf("let the service read %s", path) }
