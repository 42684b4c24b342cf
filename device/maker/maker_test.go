package maker

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestAProductIDTellsTheModeWhereTheMakerSaysSo(t *testing.T) {
	for id, want := range map[string]Mode{
		"05e0:1200": ModeKeyboard, "05e0:1300": ModeOEM, "05e0:1701": ModeSerial, "05e0:1900": ModeVendor, "05e0:ffff": "",
		"0c2e:0204": ModeKeyboard, "0c2e:0007": ModeOEM, "0c2e:0720": ModeSerial, "0c2e:0b6a": "",
		"1eab:0d10": ModeHIDPOS, "1eab:0203": ModeKeyboard, "1eab:2206": ModeSerial, "1eab:22ff": "", "1eab:6": "",
		"065a:0009": ModeSerial, "05f9:1206": ModeOEM, "0403:6001": "",
	} {
		vid, pid, _ := strings.Cut(id, ":")
		m, ok := Of(vid)
		if !ok {
			t.Errorf("%s: no maker", id)
			continue
		}
		if got := m.Mode(pid); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	if m, ok := Of("1d6b"); ok {
		t.Errorf("the kernel's own hubs are from %s", m.Name)
	}
}

func TestEveryMakerIsTheOnlyOneOfItsIDAndSaysWhereItIsFrom(t *testing.T) {
	id := regexp.MustCompile(`^[0-9a-f]{4}$`)
	seen := map[string]bool{}
	for _, m := range All() {
		if !id.MatchString(m.VID) || seen[m.VID] || m.Name == "" || m.Source == "" {
			t.Errorf("row %+v", m)
		}
		seen[m.VID] = true
		if m.Generic && (m.Setup != "" || m.modes != nil || m.lastByte != nil) {
			t.Errorf("%s: nothing can be said about all devices with a chip of %s", m.VID, m.Name)
		}
		for pid, mode := range m.modes {
			if !id.MatchString(pid) || mode.Words() == Mode("").Words() {
				t.Errorf("%s:%s is %q", m.VID, pid, mode)
			}
		}
	}
}

func TestModesThatCannotBeReadSaySo(t *testing.T) {
	for _, m := range []Mode{ModeKeyboard, ModeHIDPOS, ModeSerial, ModeOEM, ModeVendor} {
		if m.Readable() == strings.Contains(m.Words(), "cannot") {
			t.Errorf("%s: readable %v, %q", m, m.Readable(), m.Words())
		}
	}
}

const rulesFile = "../../packaging/linux/udev/60-posagent-scanner.rules"

func rules(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// A rule for a chip of many makers would hand out devices that are no scanners.
func TestTheUdevRuleCoversTheMakersOfScannersAndNobodyElse(t *testing.T) {
	var want []string
	for _, m := range All() {
		if !m.Generic {
			want = append(want, m.VID)
		}
	}
	vendors := regexp.MustCompile(`ATTRS?\{idVendor\}=="([^"]*)"`)
	found := 0
	for _, line := range rules(t) {
		if m := vendors.FindStringSubmatch(line); m != nil {
			found++
			if got := strings.Split(m[1], "|"); !slices.Equal(got, want) {
				t.Errorf("the rule has %v, the table %v: %s", got, want, line)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d lines name vendors, want one each for usb, input and tty", found)
	}
}

// The grammar is that of udev(7): comma-separated key, operator, quoted value.
func TestTheUdevRuleIsWellFormed(t *testing.T) {
	part := regexp.MustCompile(`^(ACTION|SUBSYSTEM|KERNEL|ENV\{[A-Z_]+\}|ATTRS?\{\w+\}|MODE|GROUP|GOTO|LABEL)(==|!=|=)"[^"]*"$`)
	labels, jumps := map[string]int{}, map[string]bool{}
	for n, line := range rules(t) {
		for p := range strings.SplitSeq(line, ", ") {
			m := part.FindStringSubmatch(p)
			if m == nil {
				t.Errorf("%q is not key, operator and value", p)
				continue
			}
			value := strings.Trim(p[strings.Index(p, "\""):], "\"")
			matches := strings.HasPrefix(m[1], "ATTR") || m[1] == "ACTION" || m[1] == "SUBSYSTEM" || m[1] == "KERNEL" || m[1] == "ENV{DEVTYPE}"
			if matches != (m[2] != "=") {
				t.Errorf("%q: %s is for the other kind of key", p, m[2])
			}
			switch m[1] {
			case "LABEL":
				labels[value] = n
			case "GOTO":
				if _, before := labels[value]; before {
					t.Errorf("%q jumps back", p)
				}
				jumps[value] = true
			case "MODE":
				if value != "0660" {
					t.Errorf("mode %s gives a scanner to others", value)
				}
			case "GROUP":
				if value != "posagent-scanner" {
					t.Errorf("group %s is not the one that is made", value)
				}
			}
		}
	}
	for label := range jumps {
		if _, ok := labels[label]; !ok {
			t.Errorf("no label %s", label)
		}
	}
	for label := range labels {
		if !jumps[label] {
			t.Errorf("nothing jumps to %s", label)
		}
	}
	// uaccess tags are read by 73-seat-late.rules, input's group is set by 50.
	if name := filepath.Base(rulesFile); name < "50-udev-default.rules" || name > "73-" {
		t.Errorf("%s has the wrong place among the rules", name)
	}
}

func TestUdevItselfTakesTheRule(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("udev is Linux's")
	}
	udevadm, err := exec.LookPath("udevadm")
	if err != nil {
		t.Skip("udevadm is not installed")
	}
	if err := exec.Command(udevadm, "verify", "--help").Run(); err != nil {
		t.Skip("this udevadm cannot verify rules; systemd 254 and later can")
	}
	if out, err := exec.Command(udevadm, "verify", "--resolve-names=never", rulesFile).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestSystemdMakesTheGroup(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("systemd is Linux's")
	}
	sysusers, err := exec.LookPath("systemd-sysusers")
	if err != nil {
		t.Skip("systemd-sysusers is not installed")
	}
	conf, err := filepath.Abs("../../packaging/linux/sysusers/posagent-scanner.conf")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(sysusers, "--dry-run", "--root="+t.TempDir(), conf).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "posagent-scanner") {
		t.Errorf("%v\n%s", err, out)
	}
}

// The page for store IT and this table say the same.
func TestTheDocumentNamesEveryMaker(t *testing.T) {
	text, err := os.ReadFile("../../docs/hardware.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| ") {
			rows = append(rows, line)
		}
	}
	for _, m := range All() {
		at := slices.IndexFunc(rows, func(row string) bool { return strings.Contains(strings.SplitN(row, "|", 3)[1], m.VID) })
		if at < 0 {
			t.Errorf("docs/hardware.md has no row for %s (%s)", m.VID, m.Name)
			continue
		}
		if strings.HasSuffix(strings.TrimSpace(rows[at]), "| rule |") == m.Generic {
			t.Errorf("docs/hardware.md: the udev rule of %s: %s", m.VID, rows[at])
		}
		for pid := range m.modes {
			if !strings.Contains(rows[at], pid) {
				t.Errorf("docs/hardware.md: the row of %s lacks %s", m.VID, pid)
			}
		}
		for end := range m.lastByte {
			if !strings.Contains(rows[at], end+" ") {
				t.Errorf("docs/hardware.md: the row of %s lacks the ending %s", m.VID, end)
			}
		}
	}
}
