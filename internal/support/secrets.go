package support

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"

	"posagent/internal/keystore"
)

// needle is one secret of this till in all forms in which it could stand somewhere. It prints as its name.
type needle struct {
	what   string
	forms  [][]byte // as they are
	joined [][]byte // in a text without white space and quoting: base64 may be wrapped anywhere
}

func (n needle) String() string { return n.what }

// Format prints the name, whatever the verb.
func (n needle) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, n.what) }

// in returns where the secret stands in a text, or -1. Where it was found with white space taken out, the place is that
// of its first characters, or the text's beginning.
func (n needle) in(text, tight []byte) int {
	for _, form := range n.forms {
		if i := bytes.Index(text, form); i >= 0 {
			return i
		}
	}
	for _, form := range n.joined {
		if bytes.Contains(tight, form) {
			return max(0, bytes.Index(text, form[:min(8, len(form))]))
		}
	}
	return -1
}

// tighten takes white space out, also where it is written as \n.
func tighten(text []byte) []byte {
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte(`\n`), nil), []byte(`\r`), nil)
	return bytes.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, text)
}

const leastSecret = 6 // characters: a shorter one would be found everywhere

// ownSecrets collects this till's own secrets. One that cannot be read is named: only its shape is searched for then.
func (b *bundle) ownSecrets() {
	b.manifest.Searched = searched()
	c := b.opt.Config
	if c == nil {
		b.unread("keys and tokens", b.noConfig())
		return
	}
	for _, s := range c.Effective() {
		path, ok := s.Value.(string)
		if !ok || path == "" || !strings.HasSuffix(s.Key, "_file") && s.Key != "supervisor.file" {
			continue
		}
		b.fileSecrets(s.Key, path)
	}
	if u, err := c.Gateway.ProxyURL.URL(); err == nil && u != nil && u.User != nil {
		if password, set := u.User.Password(); set {
			b.text("the proxy's password", password)
		}
	}
}

func (b *bundle) unread(name string, err error) {
	b.manifest.Unread = append(b.manifest.Unread, Missing{Name: name, Why: err.Error()})
}

// fileSecrets takes the secrets of a file that the configuration names. What is public in it is none.
func (b *bundle) fileSecrets(key, path string) {
	data, err := os.ReadFile(path) // the configuration names it
	switch {
	case err != nil:
		b.unread(key, err)
		return
	case len(data) > 256<<10:
		return // a font, a list of certificates
	}
	what := "the content of " + key
	switch {
	case bytes.Contains(data, []byte("PRIVATE KEY-----")):
		b.key(what, path, data)
	case strings.HasSuffix(key, "token_file"), key == "supervisor.file":
		for _, word := range strings.Fields(string(data)) {
			if len(word) >= 20 { // names and brackets are no secret
				b.text(what, strings.Trim(word, `",`))
			}
		}
	case strings.HasSuffix(key, "reserve_file"):
		var object map[string]any
		b.text(what, strings.TrimSpace(string(data)))
		if json.Unmarshal(data, &object) == nil {
			for _, v := range object {
				if text, ok := v.(string); ok {
					b.text(what, text)
				}
			}
		}
	}
}

func (b *bundle) text(what, secret string) {
	if len(secret) < leastSecret {
		return
	}
	quoted, _ := json.Marshal(secret) // a string has a JSON form
	b.needles = append(b.needles, needle{what: what, forms: [][]byte{
		[]byte(secret), bytes.Trim(quoted, `"`),
		[]byte(base64.StdEncoding.EncodeToString([]byte(secret))), []byte(hex.EncodeToString([]byte(secret))),
	}})
}

// key takes a private key in the ways in which one is written: its file, both encodings of its numbers, and the numbers
// from which all others follow.
func (b *bundle) key(what, path string, data []byte) {
	n := needle{what: what}
	body := string(data)
	if i := strings.Index(body, "PRIVATE KEY-----"); i >= 0 {
		body = body[i+len("PRIVATE KEY-----"):]
	}
	if i := strings.Index(body, "-----END"); i >= 0 {
		body = body[:i]
	}
	n.joined = append(n.joined, chunks(string(tighten([]byte(body))))...)
	if private, err := keystore.LoadPrivate(path); err == nil {
		n.add(private.RSA())
	}
	b.needles = append(b.needles, n)
}

func (n *needle) add(k *rsa.PrivateKey) {
	n.joined = append(n.joined, chunks(base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(k)))...)
	if der, err := x509.MarshalPKCS8PrivateKey(k); err == nil {
		n.joined = append(n.joined, chunks(base64.StdEncoding.EncodeToString(der))...)
	}
	for _, number := range append([]*big.Int{k.D}, k.Primes...) {
		n.forms = append(n.forms, number.Bytes())
		n.joined = append(n.joined, []byte(number.Text(16)), []byte(strings.ToUpper(number.Text(16))), []byte(number.Text(10)),
			[]byte(base64.RawStdEncoding.EncodeToString(number.Bytes())), []byte(base64.RawURLEncoding.EncodeToString(number.Bytes())))
	}
}

// chunks cuts base64 into pieces, any of which gives a key away. What all keys of the kind begin with is left out.
func chunks(text string) (out [][]byte) {
	const skip, size = 64, 40
	for i := skip; i+size <= len(text); i += size {
		out = append(out, []byte(text[i:i+size]))
	}
	return out
}
