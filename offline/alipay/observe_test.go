package alipay

import (
	"net/http"
	"testing"
	"time"

	"posagent/offline"
)

func TestClockSkewIsTakenFromVerifiedAnswersAlone(t *testing.T) {
	c := newClient(t, nil)
	if _, _, known := c.ClockSkew(); known {
		t.Fatal("known before the first answer")
	}
	req := request(t, offline.OpQuery)
	good := signed(t, RSA2, responseTo(c, req, result("U", "UNKNOWN_EXCEPTION")))
	end := testNow.Add(400 * time.Millisecond) // the middle is 200 ms after testNow
	for _, tc := range []struct {
		name string
		text []byte
		date string
		want time.Duration
	}{
		{"respTime, where there is no Date", good, "", time.Second + 300*time.Millisecond}, // 09:30:01 and a half
		{"not verified", []byte(`{}`), "Sat, 21 Nov 2026 03:00:00 GMT", time.Second + 300*time.Millisecond},
		{"Date", good, "Sat, 21 Nov 2026 01:40:00 GMT", 10*time.Minute + 300*time.Millisecond},
		{"broken Date", good, "yesterday", time.Second + 300*time.Millisecond},
		{"behind", good, "Sat, 21 Nov 2026 01:20:00 GMT", -10*time.Minute + 300*time.Millisecond},
	} {
		header := http.Header{}
		if tc.date != "" {
			header.Set("Date", tc.date)
		}
		mustPrepare(t, c, req).receive(&reply{tc.text, header, end}, testNow)
		skew, at, known := c.ClockSkew()
		if skew != tc.want || !at.Equal(end) || !known {
			t.Errorf("%s: %s at %s, %v; want %s", tc.name, skew, at, known, tc.want)
		}
	}
}

func TestCertificateExpiryIsUnknownWithoutTLS(t *testing.T) {
	g := newGateway(t, false, nil)
	c := g.client(nil)
	send(t, c, payment(t, 0))
	if expiry, known := c.CertExpiry(); known {
		t.Errorf("%s", expiry)
	}
}
