package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestAProxyPrintsWithoutItsPasswordByEveryRoute(t *testing.T) {
	const secret = "hunter2"
	p := ProxyURL("http://joe:" + secret + "@proxy:3128")
	holder := struct{ Proxy ProxyURL }{p}
	var logged strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("x", "proxy", p, "holder", holder)
	}
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	for route, text := range map[string]string{
		"%v": fmt.Sprintf("%v %v", p, holder), "%+v": fmt.Sprintf("%+v", holder), "%#v": fmt.Sprintf("%#v %#v", p, holder),
		"%s": fmt.Sprintf("%s", p), "%q": fmt.Sprintf("%q", p), "%x": fmt.Sprintf("%x", p), "JSON": string(asJSON), "log": logged.String(),
	} {
		if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) || strings.Contains(text, "joe") {
			t.Errorf("%s shows the credentials: %s", route, text)
		}
		if !strings.Contains(text, "proxy:3128") {
			t.Errorf("%s shows no address: %s", route, text)
		}
	}
	if p.Reveal() != "http://joe:"+secret+"@proxy:3128" {
		t.Error("Reveal does not")
	}
	bad := ProxyURL("http://joe:" + secret + "@proxy:port")
	if _, err := bad.URL(); err == nil || strings.Contains(err.Error(), secret) || strings.Contains(bad.String(), secret) {
		t.Errorf("a broken address: %v, %s", err, bad)
	}
}
