// Package pkitest issues certificates that are thrown away with the test.
package pkitest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// T is what of a test is needed.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Authority issues certificates.
type Authority struct {
	t    T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// New makes an authority that is valid for an hour.
func New(t T, name string) *Authority {
	t.Helper()
	a := &Authority{t: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var der []byte
	der, a.key = a.sign(template, nil)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("%v", err)
	}
	a.cert = cert
	return a
}

func (a *Authority) sign(template, parent *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	signer := a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	return der, key
}

// Issue makes a certificate for clients and for a server at 127.0.0.1 and
// till.sunrise.example, with its key, both PEM. lasting is how long it is valid
// from now; negative: it has expired.
func (a *Authority) Issue(name string, serial int64, lasting time.Duration) (certPEM, keyPEM []byte) {
	a.t.Helper()
	from := time.Now().Add(-2 * time.Hour)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name, Organization: []string{"Sunrise Mart"}},
		NotBefore: from, NotAfter: time.Now().Add(lasting), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"till.sunrise.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, key := a.sign(template, a.cert)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
}

// Client makes a client's certificate with the serial number 7.
func (a *Authority) Client(name string, lasting time.Duration) *tls.Certificate {
	a.t.Helper()
	cert, key := a.Issue(name, 7, lasting)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	return &pair
}

// PEM is the authority's own certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Pool holds the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}
