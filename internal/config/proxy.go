package config

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// ProxyURL is the address of a proxy, which may hold a user's password: it prints with the credentials masked by
// every route. Reveal gives the whole.
type ProxyURL string

// Reveal gives the address with its credentials.
func (p ProxyURL) Reveal() string { return string(p) }

// URL parses the address; nil where there is no proxy.
func (p ProxyURL) URL() (*url.URL, error) {
	if p == "" {
		return nil, nil
	}
	u, err := url.Parse(string(p))
	if err != nil {
		// url.Error repeats the address and with it the password.
		return nil, fmt.Errorf("proxy address does not parse")
	}
	return u, nil
}

// String is the address with user and password as ***.
func (p ProxyURL) String() string {
	if p == "" {
		return ""
	}
	u, err := p.URL()
	if err != nil || u.Host == "" {
		return "***"
	}
	if u.User != nil {
		u.User = url.User("***")
	}
	u.RawQuery, u.Fragment, u.Path = "", "", ""
	return u.Scheme + "://" + userPrefix(u) + u.Host
}

func userPrefix(u *url.URL) string {
	if u.User == nil {
		return ""
	}
	return "***@"
}

// GoString is as masked as String.
func (p ProxyURL) GoString() string { return fmt.Sprintf("config.ProxyURL(%q)", p.String()) }

// Format is as masked as String for every verb.
func (p ProxyURL) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('#') {
		io.WriteString(s, p.GoString()) //nolint:errcheck // fmt.State keeps the error itself
		return
	}
	fmt.Fprintf(s, "%s", any(p.String()))
}

// MarshalJSON is as masked as String.
func (p ProxyURL) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

// LogValue is as masked as String.
func (p ProxyURL) LogValue() slog.Value { return slog.StringValue(p.String()) }
