package config

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"posagent/internal/keystore"
	"posagent/offline/alipay"
)

// checkFiles opens what the configuration refers to. Clients skip it: they run as users who must not read the keys.
func (l *loader) checkFiles() {
	g := &l.cfg.Gateway
	var private *keystore.PrivateKey
	var public *keystore.PublicKey
	var err error
	if g.PrivateKeyFile != "" {
		private, err = keystore.LoadPrivate(g.PrivateKeyFile)
		l.keyFault("gateway.private_key_file", err)
		if err == nil {
			l.keep("gateway.private_key_file", []byte(private.PublicKey().PEM()), false)
		}
	}
	if g.AlipayPublicKeyFile != "" {
		public, err = keystore.LoadPublic(g.AlipayPublicKeyFile)
		l.keyFault("gateway.alipay_public_key_file", err)
		if err == nil {
			l.keep("gateway.alipay_public_key_file", []byte(public.PEM()), false)
		}
	}
	if private != nil && public != nil && private.PublicKey().Equal(public) {
		// With it every answer of the gateway would be taken for a forgery, and no sale could ever be paid.
		l.fault("gateway.alipay_public_key_file", "is the public half of this terminal's own key",
			"save Alipay's public key from the portal; the terminal's own is only uploaded there")
	}
	l.checkCA("gateway.ca_file", g.CAFile)
	if g.ReserveFile != "" && g.Reserve == "" {
		secret, err := g.ReserveSecret()
		l.keyFault("gateway.reserve_file", err)
		l.keep("gateway.reserve_file", []byte(secret.Reveal()), true)
	}
	if token := l.cfg.API.TokenFile; token != "" {
		secret, err := keystore.LoadToken(token)
		if !errors.Is(err, keystore.ErrMissing) {
			l.keyFault("api.token_file", err)
		}
		if err == nil {
			l.keep("api.token_file", []byte(secret.Reveal()), true)
		}
	}
	l.checkDeskFiles()
	l.checkAdminFiles()
	for _, f := range []struct{ key, path string }{{"journal.path", l.cfg.Journal.Path}, {"log.file", l.cfg.Log.File}} {
		if info, err := os.Stat(f.path); f.path != "" && err == nil && info.IsDir() {
			l.fault(f.key, quotePath(f.path)+" is a directory", "give the path of a file in it")
		}
	}
}

// keyFault words an error of the key store as a fault of the key that names the file.
func (l *loader) keyFault(key string, err error) {
	if err == nil {
		return
	}
	var keyErr *keystore.Error
	if !errors.As(err, &keyErr) {
		l.fault(key, err.Error(), "check the file")
		return
	}
	hint := keyErr.Hint
	if errors.Is(err, keystore.ErrNotHandedOver) {
		// A gate before the first start of the service must not fail for what only
		// the service gets; the daemon itself does not start without it.
		l.unseen = true
		l.note(key, keyErr.Path+" is not judged: "+keyErr.Problem, hint)
		return
	}
	if errors.Is(err, keystore.ErrMissing) {
		hint += "; relative paths count from the directory of the file that holds them"
	}
	l.fault(key, quotePath(keyErr.Path)+" "+keyErr.Problem, hint)
}

func (l *loader) checkCA(key, path string) {
	const remedy = "give a PEM file of CERTIFICATE blocks"
	if path == "" {
		return
	}
	data, err := readBounded(path)
	if err != nil {
		l.fault(key, quotePath(path)+" cannot be read: "+reason(err), remedy)
		return
	}
	if key == "gateway.ca_file" { // the admin listener looks after its own
		l.keep(key, data, false)
	}
	found := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			l.fault(key, quotePath(path)+" holds a PEM block that is no certificate", remedy)
			return
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			l.fault(key, fmt.Sprintf("%s: certificate %d is damaged", quotePath(path), found+1), remedy)
			return
		}
		found++
	}
	if found == 0 {
		l.fault(key, quotePath(path)+" holds no certificate", remedy)
	}
}

// ReserveSecret is the JSON object to send as head.reserve, from reserve or reserve_file; empty where neither is set.
// It holds the isvAccesstoken of an integrator.
func (g Gateway) ReserveSecret() (keystore.Secret, error) {
	if g.ReserveFile == "" {
		return keystore.NewSecret(g.Reserve), nil
	}
	secret, err := keystore.LoadSecret(g.ReserveFile)
	if err != nil {
		return keystore.Secret{}, err
	}
	var object map[string]any
	if text := secret.Reveal(); len(text) > alipay.MaxReserve || !strings.HasPrefix(text, "{") || json.Unmarshal([]byte(text), &object) != nil || object == nil {
		return keystore.Secret{}, &keystore.Error{
			Path: g.ReserveFile, Problem: "holds no JSON object of at most 256 bytes in one line",
			Hint: `write for example {"isvAccesstoken":"..."}`, Err: keystore.ErrFormat,
		}
	}
	return secret, nil
}
