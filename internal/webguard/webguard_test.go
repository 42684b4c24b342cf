package webguard_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"posagent/internal/webguard"
)

func TestOnlyLoopbackNamesAreThisMachine(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:7373": true, "127.0.0.1": true, "127.8.9.1:1": true, "[::1]": true, "[::1]:7373": true,
		"": false, "shop.example": false, "192.168.1.7:9373": false, "localhost.evil.example": false, "localhost:": false,
		"localhost:80x": false, "[::1": false, "[::ffff:127.0.0.1]": false, "[::1%lo]": false, "0.0.0.0": false,
	} {
		if got := webguard.LoopbackHost(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestAHostWithoutItsPort(t *testing.T) {
	for host, want := range map[string]string{
		"till.example:9373": "till.example", "till.example": "till.example", "[2001:db8::1]:1": "2001:db8::1",
		"[2001:db8::1]": "2001:db8::1", "till.example:": "", "[x": "", "": "",
	} {
		if got := webguard.HostName(host); got != want {
			t.Errorf("%q: %q", host, got)
		}
	}
}

func TestWebPagesAreRecognised(t *testing.T) {
	for _, row := range []struct {
		name       string
		header     http.Header
		same, none bool
	}{
		{"a program", http.Header{}, true, true},
		{"an own page", http.Header{"Origin": {"http://localhost:7373"}}, true, false},
		{"an own page by its site", http.Header{"Sec-Fetch-Site": {"same-origin"}}, true, true},
		{"a foreign page", http.Header{"Origin": {"https://evil.example"}}, false, false},
		{"a file", http.Header{"Origin": {"null"}}, false, false},
		{"another port", http.Header{"Origin": {"http://localhost:80"}}, false, false},
		{"two origins", http.Header{"Origin": {"http://localhost:7373", "http://localhost:7373"}}, false, false},
		{"a foreign page's image", http.Header{"Sec-Fetch-Site": {"cross-site"}}, false, false},
		{"typed into the browser", http.Header{"Sec-Fetch-Site": {"none"}}, true, true},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost:7373/", nil)
		r.Header = row.header
		if same, none := webguard.SameOrigin(r), webguard.NoPage(r); same != row.same || none != row.none {
			t.Errorf("%s: same origin %v, no page %v", row.name, same, none)
		}
	}
}

func TestAPathThatWouldBeRedirectedIsNotClean(t *testing.T) {
	for path, want := range map[string]bool{"/v1/status": true, "/": true, "//v1": false, "/v1/../x": false, "/v1/": false, "/v1/%2e%2e/x": true} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
		if got := webguard.CleanPath(r); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

func TestABucketLetsABurstThroughAndThenOnePerInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := webguard.NewBucket(2, time.Second)
		passed := func(tries int) (n int) {
			for range tries {
				if b.Take() {
					n++
				}
			}
			return n
		}
		if n := passed(5); n != 2 {
			t.Errorf("a burst of two lets %d through", n)
		}
		time.Sleep(time.Second)
		if n := passed(5); n != 1 {
			t.Errorf("one per second lets %d through", n)
		}
		time.Sleep(time.Hour)
		if n := passed(5); n != 2 {
			t.Errorf("after an hour %d pass", n)
		}
	})
}
