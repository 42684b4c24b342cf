// Package packaging_test holds what can be proven of the packages' files without
// installing them: packaging/test does the rest on a fresh system.
package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	unitFile     = "linux/systemd/posagent.service"
	worstScore   = 2.0 // of systemd-analyze security: 0 is locked up, 10 is wide open
	analyzeWants = "systemd-analyze is missing: apt-get install systemd brings it; nothing is started by that"
)

// unit reads the unit's settings by key, in order of appearance.
func unit(t *testing.T) map[string][]string {
	t.Helper()
	body, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string][]string{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, "=")
		if ok && !strings.HasPrefix(line, "#") {
			settings[key] = append(settings[key], value)
		}
	}
	return settings
}

func analyze(t *testing.T, args ...string) (out string, failed bool) {
	t.Helper()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip(analyzeWants)
	}
	body, err := exec.CommandContext(t.Context(), tool, args...).CombinedOutput()
	return string(body), err != nil
}

func TestTheUnitIsLockedUpAsFarAsScannersAllow(t *testing.T) {
	out, _ := analyze(t, "security", "--offline=true", "--no-pager", unitFile)
	found := regexp.MustCompile(`exposure level for \S+: ([0-9.]+)`).FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("systemd-analyze gives no score:\n%s", out)
	}
	score, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("exposure level %.1f", score)
	if score > worstScore {
		t.Errorf("the unit scores %.1f, worse than %.1f:\n%s", score, worstScore, out)
	}
}

// systemd-analyze verify ends with success for a program that is not there, and
// for keys that it does not know: its words are what counts.
func TestTheUnitHasNoMistakeThatSystemdSees(t *testing.T) {
	body, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "posagent.service")
	text := strings.ReplaceAll(string(body), "/usr/bin/posagent", self)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := analyze(t, "verify", "--man=no", path)
	for line := range strings.Lines(out) {
		newer := strings.Contains(line, "Unknown key 'RestartSteps'") || strings.Contains(line, "Unknown key 'RestartMaxDelaySec'")
		if !newer && strings.Contains(line, "posagent") { // other units of this machine are not ours
			t.Error(strings.TrimSpace(line))
		}
	}
}

func TestTheUnitLetsTheDaemonReachWhatItNeeds(t *testing.T) {
	settings := unit(t)
	for _, row := range []struct{ key, value, without string }{
		{"DeviceAllow", "char-usb_device rw", "scanners in HID POS mode are not read"},
		{"DeviceAllow", "char-ttyACM rw", "scanners that act as a modem are not read"},
		{"DeviceAllow", "char-ttyUSB rw", "scanners behind a USB converter are not read"},
		{"DeviceAllow", "char-ttyS rw", "scanners at a serial socket are not read"},
		{"DeviceAllow", "char-input rw", "scanners in keyboard mode are not read"},
		{"SystemCallFilter", "sched_setaffinity", "a commit and a signature share a processor"},
		{"StateDirectory", "posagent", "the journal cannot be written"},
		{"RuntimeDirectory", "posagent", "there is no place for the socket"},
		{"Type", "notify", "systemd takes a daemon that opens its journal for one that sells"},
		{"StartLimitIntervalSec", "0", "systemd gives a till up after a few crashes"},
		{"DefaultDependencies", "no", "the boot waits for a till that cannot sell"},
		{"Requires", "sysinit.target", "it starts before file systems are there"},
		{"Conflicts", "shutdown.target", "it is not stopped in order at the shutdown"},
	} {
		if !slices.Contains(settings[row.key], row.value) {
			t.Errorf("no %s=%s: %s", row.key, row.value, row.without)
		}
	}
	families := strings.Fields(strings.Join(settings["RestrictAddressFamilies"], " "))
	if !slices.Contains(families, "AF_NETLINK") {
		t.Error("no AF_NETLINK: a scanner that is plugged in is not noticed")
	}
	if settings["PrivateUsers"] != nil || settings["PrivateDevices"] != nil || settings["PrivateNetwork"] != nil {
		t.Error("in a namespace of its own the daemon hears nothing of devices")
	}
}

// The names of groups stand in four files: a slip in one leaves scanners dead.
func TestTheUnitsGroupsAreThoseOfTheUdevRuleAndTheUsersFile(t *testing.T) {
	read := func(name string) string {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	users := read("linux/sysusers/posagent.conf") + read("linux/sysusers/posagent-scanner.conf")
	groups := strings.Fields(strings.Join(unit(t)["SupplementaryGroups"], " "))
	for _, g := range groups {
		if !strings.Contains(users, "m posagent "+g+"\n") {
			t.Errorf("sysusers does not put posagent into %s", g)
		}
	}
	for _, m := range regexp.MustCompile(`GROUP="([^"]+)"`).FindAllStringSubmatch(read("linux/udev/60-posagent-scanner.rules"), -1) {
		if !slices.Contains(groups, m[1]) {
			t.Errorf("udev gives scanners to %s, which the service is not in", m[1])
		}
	}
}

// A slip in a path leaves the cashier without a window, and nobody is told.
func TestWhatTheSessionStartsIsInTheWindowsPackage(t *testing.T) {
	described, err := os.ReadFile("nfpm/posagent-ui.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"autostart.desktop", "posagent-ui.desktop"} {
		body, err := os.ReadFile("linux/desktop/" + name)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`(?m)^Exec=(\S+)`).FindSubmatch(body)
		if found == nil || !strings.Contains(string(described), "dst: "+string(found[1])+",") {
			t.Errorf("%s starts %q, which the package does not hold", name, found)
		}
	}
}

// GLFW opens these while it runs: no tool finds them in the program.
func TestBothPackagesNameTheLibrariesThatTheWindowOpens(t *testing.T) {
	described, err := os.ReadFile("nfpm/posagent-ui.yaml")
	if err != nil {
		t.Fatal(err)
	}
	debian, rpm, _ := strings.Cut(string(described), "  rpm:")
	for _, row := range []struct{ soname, debian string }{
		{"libGL.so.1", "libgl1"},
		{"libX11.so.6", "libx11-6"},
		{"libX11-xcb.so.1", "libx11-xcb1"},
		{"libXcursor.so.1", "libxcursor1"},
		{"libXext.so.6", "libxext6"},
		{"libXi.so.6", "libxi6"},
		{"libXinerama.so.1", "libxinerama1"},
		{"libXrandr.so.2", "libxrandr2"},
		{"libXrender.so.1", "libxrender1"},
		{"libXxf86vm.so.1", "libxxf86vm1"},
	} {
		if !strings.Contains(debian, "- "+row.debian+"\n") {
			t.Errorf("the .deb does not ask for %s (%s)", row.debian, row.soname)
		}
		if !strings.Contains(rpm, "- "+row.soname+"()(64bit)\n") {
			t.Errorf("the .rpm does not ask for %s", row.soname)
		}
	}
}
