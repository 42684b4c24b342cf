package winservice

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/windows/registry"
)

// handed is where the installer leaves its properties: no command line, whose quotes
// a value could break out of. Administrators alone write there.
const handed = `SOFTWARE\posagent\Installer`

// Handed reads the properties that the installer left.
func Handed() (map[string]string, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, handed, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("reading HKLM\\%s: %w", handed, err)
	}
	defer key.Close() //nolint:errcheck // only read
	given := map[string]string{}
	for _, p := range Properties() {
		value, _, err := key.GetStringValue(p.Name)
		switch {
		case errors.Is(err, registry.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("reading HKLM\\%s %s: %w", handed, p.Name, err)
		default:
			given[p.Name] = strings.TrimPrefix(value, mark)
		}
	}
	return given, nil
}
