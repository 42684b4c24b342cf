package agent

import (
	"os"
	"path/filepath"
	"sync"

	"posagent/internal/keystore"
	"posagent/offline/sandbox"
)

// pairs makes two sets of keys, once for all tests: RSA keys take long to make.
var pairs = sync.OnceValue(func() [2]string {
	var out [2]string
	for i := range out {
		out[i] = must1(os.MkdirTemp("", "agent-keys-"))
		must1(sandbox.EnsureKeys(out[i]))
	}
	return out
})

// keys copies a set of keys below the rig's directory.
func (r *rig) keys(set int, name string) sandbox.Keys {
	r.t.Helper()
	must(r.t, os.MkdirAll(filepath.Join(r.dir, name), 0o700))
	for _, pair := range []string{"terminal", "alipay"} {
		for _, half := range []string{"_private.pem", "_public.pem"} {
			text, err := os.ReadFile(filepath.Join(pairs()[set], pair+half))
			must(r.t, err)
			r.put(filepath.Join(name, pair+half), string(text))
		}
	}
	terminal, err := keystore.LoadPrivate(filepath.Join(r.dir, name, "terminal_private.pem"))
	must(r.t, err)
	alipay, err := keystore.LoadPrivate(filepath.Join(r.dir, name, "alipay_private.pem"))
	must(r.t, err)
	return sandbox.Keys{Terminal: terminal, Alipay: alipay}
}

func dropPairs() {
	for _, dir := range pairs() {
		_ = os.RemoveAll(dir) // a directory of the system's for temporary files
	}
}
