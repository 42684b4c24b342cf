package winservice

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"posagent/internal/config"
)

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func effective(t *testing.T, dir string) *config.Config {
	t.Helper()
	cfg, faults := config.Inspect(config.Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true, Role: config.RoleClient})
	for _, f := range faults {
		// The Event Log is only on Windows.
		if f.Key != "log.format" {
			t.Fatal(faults)
		}
	}
	return cfg
}

// given is what the installer hands over; text elsewhere than on Windows, where
// there is no Event Log.
func given(pairs ...string) map[string]string {
	out := map[string]string{"LOGFORMAT": "text"}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func TestWhatTheInstallerIsGivenIsInForce(t *testing.T) {
	dir := t.TempDir()
	// Characters that would end a text, a line or an argument somewhere on the way.
	name := `Sun"rise' \ Mart # 1 [STOREID] %PATH% 日本`
	if err := HandOver(dir, given("STOREID", "S01", "STORENAME", name, "TERMINALID", "T03", "PRIVATEKEYFILE", `C:\keys\till.pem`)); err != nil {
		t.Fatal(err)
	}
	cfg := effective(t, dir)
	if cfg.Terminal.StoreID != "S01" || cfg.Terminal.TerminalID != "T03" || cfg.Terminal.StoreName != name {
		t.Errorf("%+v", cfg.Terminal)
	}
	if !strings.HasSuffix(cfg.Gateway.PrivateKeyFile, `C:\keys\till.pem`) {
		t.Errorf("key file %q", cfg.Gateway.PrivateKeyFile)
	}
}

func TestAnUpgradeWithoutPropertiesChangesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := HandOver(dir, given("STOREID", "S01", "TERMINALID", "T03")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "posagent.d", "00-installer.toml")
	before := read(t, path)
	if err := HandOver(dir, nil); err != nil {
		t.Fatal(err)
	}
	if after := read(t, path); after != before {
		t.Errorf("changed to\n%s", after)
	}
	// One that is given anew replaces that one only.
	if err := HandOver(dir, map[string]string{"TERMINALID": "T04"}); err != nil {
		t.Fatal(err)
	}
	if cfg := effective(t, dir); cfg.Terminal.StoreID != "S01" || cfg.Terminal.TerminalID != "T04" {
		t.Errorf("%+v", cfg.Terminal)
	}
}

func TestWhatASiteWroteStays(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "posagent.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	own := "[terminal]\nterminal_id = \"T09\"\n"
	for name, text := range map[string]string{"posagent.toml": "# ours\n", "posagent.d/50-store.toml": own} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := HandOver(dir, given("TERMINALID", "T03", "STOREID", "S01")); err != nil {
		t.Fatal(err)
	}
	if read(t, filepath.Join(dir, "posagent.toml")) != "# ours\n" {
		t.Error("the main file was written over")
	}
	if cfg := effective(t, dir); cfg.Terminal.TerminalID != "T09" || cfg.Terminal.StoreID != "S01" {
		t.Errorf("%+v", cfg.Terminal)
	}
}

func TestARefusedPropertyLeavesTheConfigurationAsItWas(t *testing.T) {
	dir := t.TempDir()
	if err := HandOver(dir, given("CURRENCY", "HKD")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "posagent.d", "00-installer.toml")
	before := read(t, path)
	var faults config.Faults
	err := HandOver(dir, given("CURRENCY", "dollars", "UILANGUAGE", "xx"))
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), "give the installer another CURRENCY") || !strings.Contains(err.Error(), "UILANGUAGE") {
		t.Errorf("got %v", err)
	}
	if read(t, path) != before {
		t.Error("it was written all the same")
	}
}

func TestADropInThatCannotBeReadIsNamed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "posagent.d", "00-installer.toml")
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("[terminal"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := HandOver(dir, given("STOREID", "S01")); err == nil || !strings.Contains(err.Error(), "00-installer.toml") {
		t.Errorf("got %v", err)
	}
	if read(t, path) != "[terminal" {
		t.Error("it was written over")
	}
}

func TestEveryPropertyNamesAKeyThatExists(t *testing.T) {
	for _, p := range Properties() {
		if err := HandOver(t.TempDir(), map[string]string{"LOGFORMAT": "text", p.Name: "\x00"}); err != nil && strings.Contains(err.Error(), "unknown") {
			t.Errorf("%s: %v", p.Name, err)
		}
		if p.Name != strings.ToUpper(p.Name) {
			t.Errorf("%s: only names in capitals are public", p.Name)
		}
	}
}

func TestThePackageHandsOverEveryProperty(t *testing.T) {
	text := read(t, filepath.Join("..", "..", "packaging", "windows", "posagent.wxs"))
	for _, p := range Properties() {
		if row := `Key="SOFTWARE\posagent\Installer" Name="` + p.Name + `" Type="string" Value="` + mark + "[" + p.Name + `]"/>`; !strings.Contains(text, row) {
			t.Errorf("%s is missing", p.Name)
		}
		if !strings.Contains(read(t, filepath.Join("..", "..", "docs", "windows.md")), "`"+p.Name+"`") {
			t.Errorf("docs/windows.md says nothing of %s", p.Name)
		}
	}
	if got := strings.Count(text, `\Installer"`); got != len(Properties()) {
		t.Errorf("%d values are written, %d are read", got, len(Properties()))
	}
}
