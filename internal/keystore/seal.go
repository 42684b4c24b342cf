package keystore

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"posagent/internal/dpapi"
)

// sealedType is the PEM type of a secret that is sealed for one machine. Its header
// Protection says how.
const (
	sealedType   = "POSAGENT SEALED SECRET"
	sealedHeader = "Protection"
	sealedDPAPI  = "dpapi-machine"
)

// sealPurpose is the entropy: what another product has sealed on the machine does
// not open here, nor the other way round. It is no secret.
const sealPurpose = "posagent key file 1"

// sealer seals for this machine and opens.
type sealer struct {
	seal func(secret, purpose []byte, description string) ([]byte, error)
	open func(sealed, purpose []byte) ([]byte, error)
}

func machine() sealer { return sealer{seal: dpapi.Seal, open: dpapi.Open} }

// unseal opens a file that is sealed; any other it returns as it is.
func unseal(path string, data []byte, s sealer) ([]byte, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != sealedType {
		return data, nil
	}
	if how := block.Headers[sealedHeader]; how != sealedDPAPI {
		return nil, formatError(path, fmt.Sprintf("is sealed in a way that this version does not know (%q)", how), "install the version that sealed it, or give the key anew")
	}
	secret, err := s.open(block.Bytes, []byte(sealPurpose))
	switch {
	case errors.Is(err, dpapi.ErrUnsupported):
		return nil, formatError(path, "was sealed on a Windows machine and opens there alone", "make a new key for this machine: posagent keys generate")
	case err != nil:
		return nil, formatError(path, "was sealed on another machine, or is damaged: "+err.Error(),
			"make a new key for this machine and upload its public half; a sealed key does not survive a new installation of Windows")
	}
	return secret, nil
}

// Protect seals the file of a private key for this machine and closes it to other
// users. The file is replaced whole or not at all, and only after what was sealed
// has been opened again: a crash leaves the old file or the new one. The old bytes
// are given back to the disk, not overwritten. A file that is sealed already stays
// as it is; only its access list is set again.
func Protect(path string) (*PrivateKey, error) { return protect(path, machine()) }

func protect(path string, s sealer) (*PrivateKey, error) {
	// Not a secret that others must not see yet: to close it is what is asked for.
	raw, err := readRaw(path, false)
	if err != nil {
		return nil, err
	}
	plain, err := unseal(path, raw, s)
	if err != nil {
		return nil, err
	}
	key, err := parsePrivate(path, plain)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(plain, raw) {
		return key, restricted(path, restrict(path))
	}
	sealed, err := s.seal(plain, []byte(sealPurpose), "posagent key")
	if errors.Is(err, dpapi.ErrUnsupported) {
		return nil, &Error{
			Path: path, Problem: "cannot be sealed on this system", Err: err,
			Hint: "here a key is closed by its mode, 0600, or handed over by systemd, encrypted (LoadCredentialEncrypted)",
		}
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	again, err := s.open(sealed, []byte(sealPurpose))
	if err == nil && !bytes.Equal(again, plain) {
		err = errors.New("another content came out")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: what was sealed does not open again, the file is as it was: %w", path, err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: sealedType, Headers: map[string]string{sealedHeader: sealedDPAPI}, Bytes: sealed})
	return key, replace(path, text)
}

// replace puts new content into a secret's place.
func replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return writeError(path, err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // renamed by then, or rubbish
	if err := writeAndClose(tmp, data, 0o600); err != nil {
		return writeError(path, err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return writeError(path, err)
	}
	return restricted(path, syncDir(dir))
}

func restricted(path string, err error) error {
	if err != nil {
		return writeError(path, err)
	}
	return nil
}
