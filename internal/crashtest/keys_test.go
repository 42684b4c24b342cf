package crashtest

import (
	"crypto"
	"io"
	"sync"
	"testing"

	"posagent/offline/sandbox"
)

// keys are both sides' keys. Runs that die at different points send the same
// bytes at the same virtual times until they die, and a PKCS #1 v1.5 signature
// depends on nothing else: most signatures are made once for a whole matrix.
type keys struct {
	sandbox.Keys
	terminal, alipay *remembering
}

func keysFor(t *testing.T) keys {
	t.Helper()
	k, err := sandbox.EnsureKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return keys{k, remember(k.Terminal.RSA()), remember(k.Alipay.RSA())}
}

// remembering is a signer that gives the same digest the same signature without
// computing it again.
type remembering struct {
	crypto.Signer
	mu   sync.Mutex
	made map[string][]byte
}

func remember(s crypto.Signer) *remembering {
	return &remembering{Signer: s, made: map[string][]byte{}}
}

func (r *remembering) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	key := opts.HashFunc().String() + string(digest)
	r.mu.Lock()
	sig, ok := r.made[key]
	r.mu.Unlock()
	if ok {
		return sig, nil
	}
	sig, err := r.Signer.Sign(rand, digest, opts)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.made[key] = sig
	r.mu.Unlock()
	return sig, nil
}
