// Package webguard refuses what a web page in a browser of the same machine could
// send to the daemon's listeners: requests by a name that was bound to this
// machine (DNS rebinding), and requests of other origins.
package webguard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

// LoopbackHost tells whether a Host header names this machine's loopback, with
// any port. Names that merely resolve to it are refused: DNS rebinding works
// with such names.
func LoopbackHost(host string) bool {
	name, ok := hostName(host)
	if !ok {
		return false
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Zone() == "" && ip.IsLoopback() && !ip.Is4In6()
}

// hostName takes port and brackets off a Host header.
func hostName(host string) (string, bool) {
	if h, port, err := net.SplitHostPort(host); err == nil {
		return h, port != "" && strings.Trim(port, "0123456789") == ""
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		return strings.CutSuffix(inner, "]")
	}
	return host, true
}

// HostName is a Host header without port and brackets; "" where it is malformed.
func HostName(host string) string {
	name, ok := hostName(host)
	if !ok {
		return ""
	}
	return name
}

// SameOrigin tells whether no web page, or one that this very server delivered,
// sent the request.
func SameOrigin(r *http.Request) bool {
	if !sameSite(r) {
		return false
	}
	origins := r.Header.Values("Origin")
	switch len(origins) {
	case 0:
		return true
	case 1:
	default:
		return false
	}
	u, err := url.Parse(origins[0])
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil && u.Path == "" &&
		LoopbackHost(u.Host) && strings.EqualFold(u.Host, r.Host)
}

func sameSite(r *http.Request) bool {
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return false
		}
	}
	return true
}

// NoPage tells whether no web page at all sent the request: for a server that
// delivers none.
func NoPage(r *http.Request) bool {
	return len(r.Header.Values("Origin")) == 0 && sameSite(r)
}

// CleanPath tells whether the path is as it is routed. A mux would answer one
// with "//" or ".." by a redirect.
func CleanPath(r *http.Request) bool {
	p := r.URL.EscapedPath()
	return p != "" && p == path.Clean(p)
}
