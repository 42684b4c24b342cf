package alipay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
)

// describeDial says in words for the operator why no connection came about.
// Nothing was sent in any of these cases.
func describeDial(err error) string {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		noTLS     tls.RecordHeaderError
		op        *net.OpError
	)
	switch {
	case errors.Is(err, errClosed):
		return err.Error()
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return "no connection through the proxy: " + op.Err.Error()
	case errors.As(err, &dns):
		return "the gateway's name could not be resolved: " + dns.Error()
	case errors.As(err, &authority):
		return "the gateway's certificate is signed by an unknown authority; a proxy that inspects TLS needs ca_file"
	case errors.As(err, &hostname):
		return "the gateway's certificate is for another name: " + hostname.Error()
	case errors.As(err, &invalid):
		return "the gateway's certificate is not valid (is this machine's clock right?): " + invalid.Error()
	case errors.As(err, &noTLS):
		return "what answers there does not speak TLS"
	case isTimeout(err):
		return "no connection in time"
	case errors.Is(err, context.Canceled):
		return "given up before anything was sent"
	}
	return "no connection: " + err.Error()
}

// describeSilence says why no answer came after something was written.
func describeSilence(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded) || isTimeout(err):
		return "no answer in time"
	case ctx.Err() != nil:
		return "given up while waiting for the answer"
	}
	return "the connection broke: " + err.Error()
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &t) && t.Timeout()
}
