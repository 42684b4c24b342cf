package alipay

import (
	"crypto/tls"
	"net/http"
	"sync"
	"time"
)

// maxWords bounds the unknown status words that are remembered, so that a
// gateway that invents them cannot fill the memory or the log.
const maxWords = 32

// observations are what the answers tell beside their content.
type observations struct {
	mu         sync.Mutex
	skew       time.Duration
	skewAt     time.Time
	certExpiry time.Time
	words      map[string]bool
}

// ClockSkew returns how far the gateway's clock was ahead of this machine's at
// the last verified answer, and when that was; false before the first. It is
// good to about a second, as the gateway tells whole seconds.
func (c *Client) ClockSkew() (skew time.Duration, at time.Time, known bool) {
	c.seen.mu.Lock()
	defer c.seen.mu.Unlock()
	return c.seen.skew, c.seen.skewAt, !c.seen.skewAt.IsZero()
}

// CertExpiry returns when the certificate that the gateway showed last expires.
func (c *Client) CertExpiry() (expiry time.Time, known bool) {
	c.seen.mu.Lock()
	defer c.seen.mu.Unlock()
	return c.seen.certExpiry, !c.seen.certExpiry.IsZero()
}

// clock compares the Date header, else respTime, with the middle of the
// exchange. Both are cut to whole seconds, so half of one is added.
func (o *observations) clock(header http.Header, respTime string, started, ended time.Time) {
	there, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		if there, err = time.Parse(time.RFC3339, respTime); err != nil {
			return
		}
	}
	here := started.Add(ended.Sub(started) / 2)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.skew = there.Add(time.Second / 2).Sub(here)
	o.skewAt = ended
}

func (o *observations) certificate(state *tls.ConnectionState) {
	if state == nil || len(state.PeerCertificates) == 0 {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.certExpiry = state.PeerCertificates[0].NotAfter
}

// firstTime tells whether a status word was not seen in this process before.
func (o *observations) firstTime(word string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.words[word] || len(o.words) >= maxWords {
		return false
	}
	if o.words == nil {
		o.words = map[string]bool{}
	}
	o.words[word] = true
	return true
}
