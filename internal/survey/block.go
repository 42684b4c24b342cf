package survey

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"posagent/device/maker"
	"posagent/internal/config"
)

// Scanner is the configuration that uses the candidate.
func (c Candidate) Scanner() config.Scanner {
	s := config.DefaultScanner()
	s.Name = c.shortName()
	s.Type = config.ScannerHID
	if c.Mode == maker.ModeSerial {
		s.Type = config.ScannerSerial
	}
	s.Match = config.Match{VID: c.VID, PID: c.PID, Serial: c.Serial}
	if c.twins {
		s.Match.USBPath = c.USBPath
	}
	return s
}

var unfit = regexp.MustCompile(`[^a-z0-9._]+`)

// shortName is a name for the configuration, made of what people call the device.
func (c Candidate) shortName() string {
	for _, s := range []string{c.Product, c.Maker} {
		s = strings.Trim(unfit.ReplaceAllString(strings.ToLower(s), "-"), "-")
		if len(s) > 32 {
			s = strings.Trim(s[:32], "-")
		}
		if s != "" {
			return s
		}
	}
	return "scanner"
}

// Block is a [[scanner]] of a configuration file, with the keys that have not
// their default.
func Block(s config.Scanner) string {
	var b strings.Builder
	b.WriteString("[[scanner]]\n")
	usual := reflect.ValueOf(config.DefaultScanner())
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("toml")
		value := v.Field(i).Interface()
		if reflect.DeepEqual(value, usual.Field(i).Interface()) {
			continue
		}
		switch value := value.(type) {
		case config.Match:
			fmt.Fprintf(&b, "%s = { %s }\n", key, fields(value))
		case time.Duration:
			fmt.Fprintf(&b, "%s = %s\n", key, quote(config.FormatDuration(value)))
		case string, config.ScannerType, config.Layout, config.Suffix, config.AIM, config.Parity:
			fmt.Fprintf(&b, "%s = %s\n", key, quote(fmt.Sprint(value)))
		default:
			fmt.Fprintf(&b, "%s = %v\n", key, value)
		}
	}
	return b.String()
}

func fields(m config.Match) string {
	var parts []string
	for _, f := range []struct{ key, value string }{
		{"vid", m.VID}, {"pid", m.PID}, {"serial", m.Serial}, {"usb_path", m.USBPath},
	} {
		if f.value != "" {
			parts = append(parts, f.key+" = "+quote(f.value))
		}
	}
	return strings.Join(parts, ", ")
}

// quote writes a TOML string.
func quote(s string) string {
	if !strings.ContainsAny(s, "\"\\") && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return `"` + s + `"`
	}
	line, err := toml.Marshal(map[string]string{"k": s})
	if err != nil { // a string cannot fail
		return `""`
	}
	return strings.TrimPrefix(strings.TrimRight(string(line), "\n"), "k = ")
}
