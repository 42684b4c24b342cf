package sandbox

import (
	"fmt"

	"posagent/internal/keystore"
)

// Keys are both sides' keys: the terminal signs requests with Terminal, the
// pretend gateway signs answers with Alipay.
type Keys struct {
	Terminal *keystore.PrivateKey
	Alipay   *keystore.PrivateKey
}

// EnsureKeys loads terminal_private.pem, terminal_public.pem,
// alipay_private.pem and alipay_public.pem (RSA 2048, PKCS #8, private ones
// mode 0600) from dir, and makes those that are not there. Nothing is ever
// overwritten.
func EnsureKeys(dir string) (Keys, error) {
	terminal, err := keystore.Ensure(keystore.PairIn(dir, "terminal"))
	if err != nil {
		return Keys{}, fmt.Errorf("the terminal's keys for the sandbox: %w", err)
	}
	alipay, err := keystore.Ensure(keystore.PairIn(dir, "alipay"))
	if err != nil {
		return Keys{}, fmt.Errorf("the sandbox's own keys: %w", err)
	}
	return Keys{Terminal: terminal, Alipay: alipay}, nil
}
