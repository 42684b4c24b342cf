package keystore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// credentialScheme begins the name of a key that the service manager hands over: "credential:NAME" is the file NAME in
// the directory that systemd makes for LoadCredential= and LoadCredentialEncrypted= (systemd.exec(5), "Credentials").
const credentialScheme = "credential:" //nolint:gosec // the name of a scheme, no credential

// Where credentials are. systemd tells the service its own directory; a command that a person runs finds that of the
// running service by its fixed name.
const (
	credentialsEnv  = "CREDENTIALS_DIRECTORY"
	credentialsRoot = "/run/credentials"
	serviceUnit     = "posagent.service"
)

// ErrNotHandedOver: a credential is named, and no service manager has handed any over. Under the service it means that
// the unit lacks LoadCredential=; in a command beside a service that does not run, that nothing can be said.
var ErrNotHandedOver = errors.New("no credentials were handed over")

// IsCredential tells whether a key is named as a credential, and not by its path.
func IsCredential(path string) bool { return strings.HasPrefix(path, credentialScheme) }

// locate is the path of a key's file. Any but a credential's is returned as it is.
func locate(path string) (string, error) {
	name, named := strings.CutPrefix(path, credentialScheme)
	if !named {
		return path, nil
	}
	if name == "" || name == "." || name == ".." || filepath.Base(name) != name {
		return "", formatError(path, fmt.Sprintf("names no credential: %q is not a plain name", name), "write credential:NAME with the name that LoadCredential= gives")
	}
	dir := os.Getenv(credentialsEnv)
	if dir == "" {
		dir = filepath.Join(credentialsRoot, serviceUnit)
		if _, err := os.Stat(dir); err != nil {
			return "", &Error{
				Path: path, Problem: "no service manager has handed over credentials",
				Hint: fmt.Sprintf("systemctl edit posagent, and in [Service]: LoadCredentialEncrypted=%s:FILE; a command by hand sees it while the service runs", name),
				Err:  errors.Join(ErrNotHandedOver, err),
			}
		}
	}
	return filepath.Join(dir, name), nil
}
