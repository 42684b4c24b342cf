package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheAdminListenerNeedsCertificatesAnywhereButOnLoopback(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"loopback", `listen = "127.0.0.1:9373"`, ""},
		{"every address", `listen = "0.0.0.0:9373"`, "admin.listen: \"0.0.0.0:9373\" can be reached from other machines"},
		{"a name", `listen = "till.example:9373"`, "can be reached from other machines"},
		{"certificates, one missing", "listen = \"0.0.0.0:9373\"\ncert_file = \"c.pem\"\nkey_file = \"k.pem\"", "admin.client_ca_file: is not set"},
		{"a rule that is none", `operate = "jump-host"`, "admin.operate: \"jump-host\" is no attribute"},
		{"the local API's own socket", `socket = "api.sock"`, "admin.socket: is the same as api.socket"},
		{"a socket too long", `socket = "` + strings.Repeat("far/", 30) + `s"`, "shorten it to 107"},
		{"the local API's own address", `listen = "127.0.0.1:7373"`, "admin.listen: is the same address as api.listen"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Load(Options{Path: withAdmin(t, row.text), Explicit: true, Role: RoleClient})
			switch {
			case row.want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)):
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
}

// withAdmin makes a configuration with [admin].
func withAdmin(t *testing.T, admin string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.toml")
	text := "[api]\nsocket = \"api.sock\"\nlisten = \"127.0.0.1:7373\"\ntoken_file = \"t\"\n[admin]\n" + admin + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheAdminSocketStandsBesideTheLocalAPIs(t *testing.T) {
	for _, row := range []struct{ api, admin, want string }{
		{"/run/posagent/posagent.sock", "", "/run/posagent/posagent-admin.sock"},
		{"/run/till", "", "/run/till-admin"},
		{"/run/posagent/posagent.sock", "/run/ops.sock", "/run/ops.sock"},
		{"", "", ""},
		{`\\.\pipe\posagent`, "", `\\.\pipe\posagent-admin`},
		{"/" + strings.Repeat("x", 104), "", ""}, // longer than the system takes
	} {
		c := Config{API: API{Socket: row.api}, Admin: Admin{Socket: row.admin}}
		if got := c.AdminSocket(); got != row.want {
			t.Errorf("%q and %q: %q, want %q", row.api, row.admin, got, row.want)
		}
	}
}

func TestRulesThatCannotBeReadAdmitNobody(t *testing.T) {
	if r := (Admin{Operate: "CN=a", Read: "nonsense"}).Rules(); !r.Empty() {
		t.Error("somebody is admitted")
	}
	if r := (Admin{Operate: "CN=a"}).Rules(); r.Empty() {
		t.Error("nobody is admitted")
	}
}

func TestCertificatesOfTheAdminListenerAreLookedAtByTheDaemon(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"cert.pem": 0o644, "key.pem": 0o644, "ca.pem": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("nothing"), mode); err != nil {
			t.Fatal(err)
		}
	}
	l := &loader{cfg: Config{Admin: Admin{
		CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"), ClientCAFile: filepath.Join(dir, "ca.pem"),
	}}}
	l.checkAdminFiles()
	text := l.faults.Error()
	for _, want := range []string{"admin.client_ca_file", "admin.key_file", "can be read by other users", "admin.cert_file", "are no certificate with its key"} {
		if !strings.Contains(text, want) {
			t.Errorf("the faults lack %q: %s", want, text)
		}
	}
}
