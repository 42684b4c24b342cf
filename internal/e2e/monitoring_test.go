package e2e

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"posagent/internal/localapi/wire"
)

const monitoring = "../../packaging/monitoring/"

// question is one expression of the alert rules or of the dashboard.
type question struct{ from, expr string }

// series are the names of a scrape with the values of their labels.
type series map[string]map[string]map[string]bool

// A rule about a metric that does not exist never fires, and nobody notices.
func TestWhatTheAlertsAndTheDashboardAskForIsToldByTheDaemon(t *testing.T) {
	told := scrapeOfAWorkingTill(t)
	if len(told) < 40 {
		t.Fatalf("the scrape has %d metrics: the test would prove nothing", len(told))
	}
	var all []question
	for _, a := range alerts(t) {
		all = append(all, question{"alert " + a.Alert, a.Expr})
	}
	all = append(all, dashboard(t)...)
	asked := map[string]bool{}
	for _, q := range all {
		for _, name := range ask(t, q, told) {
			asked[name] = true
		}
	}
	for name := range told {
		base := strings.TrimSuffix(strings.TrimSuffix(name, "_sum"), "_count")
		if strings.HasPrefix(name, "posagent_") && !asked[name] && !asked[base+"_bucket"] {
			t.Errorf("%s is told and nobody asks for it: the dashboard lacks it", name)
		}
	}
}

// ask looks for everything that an expression names.
func ask(t *testing.T, q question, told series) (names []string) {
	t.Helper()
	selector := regexp.MustCompile(`\b(posagent_\w+|process_\w+)(?:\{([^}]*)\})?`)
	matcher := regexp.MustCompile(`(\w+)(=~|!=|!~|=)"([^"]*)"`)
	for _, s := range selector.FindAllStringSubmatch(q.expr, -1) {
		names = append(names, s[1])
		labels, known := told[s[1]]
		if !known {
			t.Errorf("%s asks for %s, which the daemon does not tell", q.from, s[1])
			continue
		}
		for _, m := range matcher.FindAllStringSubmatch(s[2], -1) {
			if m[1] == "instance" || m[1] == "job" { // Prometheus adds them
				continue
			}
			for value := range strings.SplitSeq(m[3], "|") {
				if !labels[m[1]][value] {
					t.Errorf("%s asks for %s with %s=%q, which the daemon does not tell", q.from, s[1], m[1], value)
				}
			}
		}
	}
	return names
}

// scrapeOfAWorkingTill has everything that a daemon can tell: a payment was made,
// a certificate is configured, and a scanner is missing.
func scrapeOfAWorkingTill(t *testing.T) series {
	t.Helper()
	s := openShop(t, shopOptions{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := l.Addr().String()
	must(t, l.Close())
	must(t, os.WriteFile(filepath.Join(s.dir, "ca.pem"), selfSigned(t), 0o600))
	must(t, os.Mkdir(filepath.Join(s.dir, "posagent.d"), 0o700))
	must(t, os.WriteFile(filepath.Join(s.dir, "posagent.d", "50-monitoring.toml"), fmt.Appendf(nil, `[gateway]
ca_file = "../ca.pem"
[admin]
listen = %q
[[scanner]]
name = "counter"
type = "serial"
port = %q
[[scanner]]
name = "gone"
type = "serial"
port = "/dev/posagent-no-such-port"
`, address, s.scanner.Path()), 0o600))
	s.start()
	s.post(wire.NewSale{SaleID: "R-1", Amount: hkd(12850), Code: s.nextCode()})
	s.settledAs("R-1", wire.Paid)
	deadline := time.Now().Add(patience)
	for {
		told := readScrape(t, get(t, "http://"+address+"/metrics"))
		if told["posagent_warnings"] != nil { // a missing scanner is told after two seconds
			return told
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody warns of the scanner that is not there")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	must(t, err)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, err)
	must(t, resp.Body.Close())
	return string(body)
}

func readScrape(t *testing.T, body string) series {
	t.Helper()
	told := series{}
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line[:strings.LastIndexByte(line, ' ')], "{")
		if told[name] == nil {
			told[name] = map[string]map[string]bool{}
		}
		for _, m := range regexp.MustCompile(`(\w+)="([^"]*)"`).FindAllStringSubmatch(rest, -1) {
			if told[name][m[1]] == nil {
				told[name][m[1]] = map[string]bool{}
			}
			told[name][m[1]][m[2]] = true
		}
	}
	return told
}

func selfSigned(t *testing.T) []byte {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(240 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, public, private)
	must(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

type alertRule struct {
	Alert, Expr string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

func alerts(t *testing.T) []alertRule {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []alertRule }
	}
	body, err := os.ReadFile(monitoring + "posagent.rules.yml")
	must(t, err)
	must(t, yaml.Unmarshal(body, &file))
	var all []alertRule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 20 {
		t.Fatalf("only %d alert rules were read", len(all))
	}
	return all
}

func dashboard(t *testing.T) (all []question) {
	t.Helper()
	var file struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	body, err := os.ReadFile(monitoring + "posagent.dashboard.json")
	must(t, err)
	must(t, json.Unmarshal(body, &file))
	for _, p := range file.Panels {
		for _, target := range p.Targets {
			all = append(all, question{"panel " + p.Title, target.Expr})
		}
	}
	if len(all) < 30 {
		t.Fatalf("only %d queries were read from the dashboard", len(all))
	}
	return all
}

// Whoever is woken by an alert finds its section, and no section speaks of an
// alert that is no more.
func TestEachAlertHasASectionInTheRunbookAndATest(t *testing.T) {
	runbook, err := os.ReadFile("../../docs/runbook.md")
	must(t, err)
	sections := map[string]string{}
	for _, part := range strings.Split(string(runbook), "\n## ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		sections[name] = body
	}
	tests := ""
	for _, name := range []string{"posagent.rules.test.yml", "posagent.rules.long.test.yml"} {
		body, err := os.ReadFile(monitoring + name)
		must(t, err)
		tests += string(body)
	}
	for _, a := range alerts(t) {
		for _, part := range []string{"**Means.**", "**How bad.**", "**Do.**", "**Over when**"} {
			if !strings.Contains(sections[a.Alert], part) {
				t.Errorf("the runbook's section of %s has no %s", a.Alert, part)
			}
		}
		delete(sections, a.Alert)
		if !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s has the severity %q", a.Alert, a.Labels["severity"])
		}
		if !strings.HasSuffix(a.Annotations["runbook_url"], "/runbook.md#"+strings.ToLower(a.Alert)) {
			t.Errorf("%s links to %q", a.Alert, a.Annotations["runbook_url"])
		}
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s says nothing", a.Alert)
		}
		for _, test := range []string{"name: " + a.Alert + " fires", "name: '" + a.Alert + " does not fire: "} {
			if !strings.Contains(tests, test) {
				t.Errorf("no rule test with %q", test)
			}
		}
	}
	for name := range sections {
		t.Errorf("the runbook has a section %s, and there is no such alert", name)
	}
}
