package localapi_test

import (
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
)

func TestOnlyLoopbackHostsAreServed(t *testing.T) {
	run(t, func(b *bench) {
		for host, ok := range map[string]bool{
			"localhost": true, "LOCALHOST": true, "localhost:7373": true, "127.0.0.1": true, "127.0.0.1:80": true,
			"127.5.6.7:7373": true, "[::1]": true, "[::1]:7373": true,
			"attacker.example": false, "attacker.example:7373": false, "localhost.attacker.example": false,
			"127.0.0.1.nip.io": false, "192.168.1.10": false, "0.0.0.0": false, "10.0.0.1:7373": false,
			"localhost.": false, "localhost:": false, "localhost:x": false, "[::1": false, "[::ffff:127.0.0.1]": false, "2130706433": false,
		} {
			req := b.request("GET", "/v1/status", "")
			req.Host = host
			a := b.send(req)
			if ok && a.status != 200 {
				t.Errorf("host %q: HTTP %d", host, a.status)
			}
			if !ok {
				b.wantProblem(a, 403, wire.CodeForbiddenHost)
			}
		}
	})
}

func TestAWebPageOfAnotherOriginIsRefused(t *testing.T) {
	run(t, func(b *bench) {
		for _, row := range []struct {
			host   string
			origin []string
			site   string
			ok     bool
		}{
			{"localhost:7373", nil, "", true},
			{"localhost:7373", []string{"http://localhost:7373"}, "", true},
			{"localhost:7373", []string{"http://localhost:7373"}, "same-origin", true},
			{"127.0.0.1:7373", []string{"http://127.0.0.1:7373"}, "", true},
			{"localhost:7373", nil, "none", true},
			{"localhost:7373", []string{"https://attacker.example"}, "", false},
			{"localhost:7373", []string{"null"}, "", false},
			{"localhost:7373", []string{"http://localhost:8080"}, "", false}, // another program of this machine
			{"localhost:7373", []string{"http://127.0.0.1:7373"}, "", false},
			{"localhost:7373", []string{"http://localhost:7373", "https://attacker.example"}, "", false},
			{"localhost:7373", []string{"file://localhost:7373"}, "", false},
			{"localhost:7373", []string{"http://user@localhost:7373"}, "", false},
			{"localhost:7373", []string{""}, "", false},
			{"localhost:7373", nil, "cross-site", false},
			{"localhost:7373", nil, "same-site", false},
		} {
			req := b.request("GET", "/v1/status", "")
			req.Host = row.host
			if row.origin != nil {
				req.Header["Origin"] = row.origin
			}
			if row.site != "" {
				req.Header.Set("Sec-Fetch-Site", row.site)
			}
			a := b.send(req)
			if row.ok && a.status != 200 {
				t.Errorf("%+v: HTTP %d", row, a.status)
			}
			if !row.ok {
				b.wantProblem(a, 403, wire.CodeForbiddenOrigin)
			}
		}
		preflight := b.request("OPTIONS", "/v1/sales", "")
		preflight.Header.Set("Origin", "https://attacker.example")
		preflight.Header.Set("Access-Control-Request-Method", "POST")
		b.wantProblem(b.send(preflight), 403, wire.CodeForbiddenOrigin)
	})
}

func TestTheSocketNeedsNoTokenAndEverythingElseDoes(t *testing.T) {
	run(t, func(b *bench) {
		tcp := b.clientOf(b.tcp)
		defer tcp.CloseIdleConnections()
		ask := func(headers ...string) answer {
			req := b.request("GET", "/v1/status", "")
			if headers != nil {
				req.Header["Authorization"] = headers
			}
			return b.sendBy(tcp, req)
		}
		if a := ask("Bearer " + token); a.status != 200 {
			t.Errorf("with the token: HTTP %d", a.status)
		}
		if a := ask("bearer " + token); a.status != 200 {
			t.Errorf("the scheme is case-insensitive: HTTP %d", a.status)
		}
		for _, headers := range [][]string{
			nil, {""}, {"Bearer"}, {"Bearer "}, {"Bearer " + token + "x"}, {"Bearer " + token[1:]}, {token},
			{"Basic " + token}, {"Bearer " + token, "Bearer " + token},
		} {
			a := ask(headers...)
			b.wantProblem(a, 401, wire.CodeUnauthorized)
			if a.header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		}
	})
}

func TestWrongTokensAreSlowedDownAndTheRightOneNeverIs(t *testing.T) {
	run(t, func(b *bench) {
		tcp := b.clientOf(b.tcp)
		defer tcp.CloseIdleConnections()
		var last answer
		for range 11 {
			last = b.sendBy(tcp, b.request("GET", "/v1/status", ""))
		}
		b.wantProblem(last, 429, wire.CodeTooManyFailures)
		if last.header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
		good := b.request("GET", "/v1/status", "")
		good.Header.Set("Authorization", "Bearer "+token)
		if a := b.sendBy(tcp, good); a.status != 200 {
			t.Errorf("the right token: HTTP %d", a.status)
		}
		pass(time.Second)
		b.wantProblem(b.sendBy(tcp, b.request("GET", "/v1/status", "")), 401, wire.CodeUnauthorized)
	})
}

func TestUnknownPathsAndWrongMethodsAreProblems(t *testing.T) {
	run(t, func(b *bench) {
		for _, path := range []string{"/", "/v1", "/v1/", "/v1/sales/", "/v2/sales", "/v1/sale", "/v1/sales/A/refunds", "/v1/sales//code", "/v1/../v1/status", "/v1/sales/A/unknown"} {
			method := "GET"
			a := b.call(method, path, "")
			if path == "/v1/sales/A/refunds" {
				b.wantProblem(a, 405, wire.CodeMethodNotAllowed)
				if got := a.header.Get("Allow"); got != "POST" {
					t.Errorf("Allow is %q", got)
				}
				continue
			}
			b.wantProblem(a, 404, wire.CodeNotFound)
		}
		for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS"} {
			a := b.call(method, "/v1/sales", "")
			b.wantProblem(a, 405, wire.CodeMethodNotAllowed)
			if got := a.header.Get("Allow"); got != "GET, HEAD, POST" {
				t.Errorf("Allow is %q", got)
			}
		}
		if a := b.call("HEAD", "/v1/status", ""); a.status != 200 || len(a.body) != 0 {
			t.Errorf("HEAD: HTTP %d with %d bytes", a.status, len(a.body))
		}
	})
}

func TestLargeBodiesAreRefused(t *testing.T) {
	run(t, func(b *bench) {
		big := `{"saleId":"A","orderTitle":"` + strings.Repeat("x", 1<<20) + `"}`
		b.wantProblem(b.call("POST", "/v1/sales", big), 413, wire.CodeBodyTooLarge)
		hidden := b.request("POST", "/v1/sales", big)
		hidden.ContentLength = -1 // chunked: the size shows only on reading
		b.wantProblem(b.send(hidden), 413, wire.CodeBodyTooLarge)
		for path := range map[string]bool{"/v1/sales/A/cancel": true, "/v1/sales/A/recheck": true, "/v1/sales/A/code": true, "/v1/sales/A/refunds": true, "/v1/sales/A/resolve": true, "/v1/sales/A/refunds/F/resolve": true} {
			b.wantProblem(b.call("POST", path, big), 413, wire.CodeBodyTooLarge)
		}
		just := `{"saleId":"A","amount":{"currency":"HKD","value":"100"}}` + strings.Repeat(" ", 64<<10-56)
		if len(just) != 64<<10 {
			t.Fatalf("%d bytes", len(just))
		}
		b.wantSale(b.call("POST", "/v1/sales", just), 201, wire.Waiting)
		b.wantProblem(b.call("POST", "/v1/sales", just+" "), 413, wire.CodeBodyTooLarge)
	})
}

func TestBodiesOfAnotherTypeAreRefused(t *testing.T) {
	run(t, func(b *bench) {
		for kind, ok := range map[string]bool{
			"application/json": true, "application/json; charset=utf-8": true, "application/json;charset=UTF-8": true, "Application/JSON": true,
			"": false, "text/plain": false, "application/x-www-form-urlencoded": false, "application/json; charset=latin1": false, "multipart/form-data; boundary=x": false, ";": false,
		} {
			req := b.request("POST", "/v1/sales", openA)
			req.Header.Set("Content-Type", kind)
			if kind == "" {
				req.Header.Del("Content-Type")
			}
			a := b.send(req)
			if ok && a.status >= 300 {
				t.Errorf("%q: HTTP %d", kind, a.status)
			}
			if !ok {
				b.wantProblem(a, 415, wire.CodeUnsupportedMedia)
			}
		}
	})
}
