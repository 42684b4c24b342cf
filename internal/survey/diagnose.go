package survey

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"posagent/device"
	"posagent/device/maker"
	"posagent/internal/config"
	"posagent/internal/finding"
)

// Diagnose judges a configured scanner without opening it. all is what Look
// found; driver is the scanner's, which is asked where it is.
func Diagnose(s config.Scanner, driver device.Driver, all []Candidate) []finding.Finding {
	judged := func(check string, v finding.Verdict, detail, remedy string) finding.Finding {
		return finding.Finding{Scanner: s.Name, Check: check, Verdict: v, Detail: detail, Remedy: remedy}
	}
	at, err := driver.Find()
	mine := belonging(s, at, all)
	if err != nil {
		return append([]finding.Finding{judged("found", finding.Fail, err.Error(), lost(s, err, mine))}, blocking(s, mine)...)
	}
	out := []finding.Finding{judged("found", finding.Pass, strings.TrimSpace(at.Path+" "+at.Detail), "")}
	if len(mine) == 0 {
		return out // RS-232, or a system without a list: there is nothing more to see
	}
	c := mine[0]
	switch c.Mode {
	case "": // not to be seen while a program has it
	case maker.ModeKeyboard:
		out = append(out, judged("mode", finding.Warn,
			c.Mode.Words()+": while posagent does not run, it types payment codes into whatever window is in front", c.switchTo()))
	default:
		out = append(out, judged("mode", finding.Pass, c.Mode.Words(), ""))
	}
	if blocked := blocking(s, mine[:1]); len(blocked) > 0 {
		return append(out, blocked...)
	}
	return append(out, judged("access", finding.Pass, "may be opened: "+strings.Join(c.Nodes, " "), ""))
}

// blocking tells what stands in the way of the candidates.
func blocking(s config.Scanner, mine []Candidate) (out []finding.Finding) {
	for _, c := range mine {
		if c.Usable() {
			continue
		}
		verdict := finding.Fail
		if c.Driver == driverOfPrograms { // the running service is the usual one
			verdict = finding.Warn
		}
		out = append(out, finding.Finding{Scanner: s.Name, Check: "access", Verdict: verdict, Detail: c.Name() + ": " + c.Problem, Remedy: c.Remedy})
	}
	return out
}

// belonging are the candidates that the configuration means: those of its mode
// first.
func belonging(s config.Scanner, at device.Location, all []Candidate) []Candidate {
	var mine []Candidate
	for _, c := range all {
		if s.Match.VID != "" && fits(s.Match, c) || at.Path != "" && slices.Contains(c.Nodes, at.Path) {
			mine = append(mine, c)
		}
	}
	slices.SortStableFunc(mine, func(a, b Candidate) int { return rank(s, a) - rank(s, b) })
	return mine
}

func rank(s config.Scanner, c Candidate) int {
	switch {
	case (s.Type == config.ScannerSerial) != (c.Mode == maker.ModeSerial):
		return 3
	case c.Mode == maker.ModeKeyboard:
		return 2
	default:
		return 1
	}
}

func fits(m config.Match, c Candidate) bool {
	return m.VID == c.VID && m.PID == c.PID && (m.Serial == "" || m.Serial == c.Serial) && (m.USBPath == "" || m.USBPath == c.USBPath)
}

// lost says what to do about a scanner that was not found. A maker changes the
// product id with the mode, so it is looked for by vendor, too.
func lost(s config.Scanner, err error, mine []Candidate) string {
	if len(mine) > 0 {
		c := mine[0]
		switch serial := c.Mode == maker.ModeSerial; {
		case serial && s.Type == config.ScannerHID:
			return fmt.Sprintf("%s is in serial mode: write type = \"serial\"", c.Name())
		case !serial && c.Mode.Readable() && s.Type == config.ScannerSerial:
			return fmt.Sprintf("%s is in %s: write type = \"hid\"", c.Name(), c.Mode.Words())
		}
	}
	var fault *device.Error
	if errors.As(err, &fault) && fault.Hint != "" {
		return fault.Hint
	}
	return "plug the scanner in; \"posagent scanner list\" shows what is there"
}

// Unconfigured tells of scanners that are plugged in and that no configuration
// means. What may be another keyboard or serial port is left out.
func Unconfigured(list []config.Scanner, all []Candidate) (out []finding.Finding) {
	meant := func(c Candidate) bool {
		return slices.ContainsFunc(list, func(s config.Scanner) bool {
			return s.Match.VID != "" && fits(s.Match, c) || s.Port != "" && slices.ContainsFunc(c.Nodes, func(n string) bool { return sameFile(n, s.Port) })
		})
	}
	for _, c := range all {
		if !c.Certain || meant(c) {
			continue
		}
		remedy := "\"posagent scanner learn\" writes its configuration"
		if !c.Usable() {
			remedy = c.Remedy
		}
		out = append(out, finding.Finding{
			Check: "configured", Verdict: finding.Warn, Remedy: remedy,
			Detail: fmt.Sprintf("%s is plugged in at usb %s and not configured: %s", c.Name(), c.USBPath, c.TakenFor()),
		})
	}
	return out
}

// sameFile sees through the links of /dev/serial.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}
