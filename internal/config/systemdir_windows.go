package config

import (
	"path/filepath"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// systemDir is what the installer was given as CONFIGDIR, so that every command finds it without a flag. Administrators
// alone write below HKEY_LOCAL_MACHINE\SOFTWARE.
func systemDir() string {
	if key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\posagent`, registry.QUERY_VALUE); err == nil {
		defer key.Close() //nolint:errcheck // only read
		if dir, _, err := key.GetStringValue("ConfigDir"); err == nil && filepath.IsAbs(dir) {
			return filepath.Clean(dir)
		}
	}
	// The system's own word, not the variable: a service and a user must not mean two places.
	if dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT); err == nil {
		return filepath.Join(dir, "posagent")
	}
	return `C:\ProgramData\posagent`
}
