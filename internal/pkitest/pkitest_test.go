package pkitest_test

import (
	"crypto/x509"
	"testing"
	"time"

	"posagent/internal/pkitest"
)

func TestACertificateIsBelievedByItsOwnAuthorityAlone(t *testing.T) {
	own, other := pkitest.New(t, "own"), pkitest.New(t, "other")
	leaf := own.Client("ops", time.Hour).Leaf
	usages := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: own.Pool(), KeyUsages: usages, DNSName: "till.sunrise.example"}); err != nil {
		t.Error(err)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: other.Pool(), KeyUsages: usages}); err == nil {
		t.Error("another authority vouches for it")
	}
	expired := own.Client("ops", -time.Minute).Leaf
	if _, err := expired.Verify(x509.VerifyOptions{Roots: own.Pool(), KeyUsages: usages}); err == nil {
		t.Error("an expired one is believed")
	}
}
