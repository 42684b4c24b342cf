package config

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// Setting is one key of the effective configuration, for printing and for JSON.
type Setting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"` // text, number or true/false; durations as text; credentials masked
	Origin Origin `json:"origin"`

	whole string // with its credentials, for comparing
	file  string // digest of the content of the file that it names
}

// Effective lists every key with its value and origin, in the order of the file.
func (c *Config) Effective() []Setting {
	var settings []Setting
	all := sections()
	for i := range all {
		s := &all[i]
		v := reflect.ValueOf(c).Elem().Field(s.index)
		if !s.list {
			settings = append(settings, c.settings(s, 0, v)...)
			continue
		}
		for n := range v.Len() {
			settings = append(settings, c.settings(s, n+1, v.Index(n))...)
		}
	}
	return settings
}

func (c *Config) settings(s *section, element int, v reflect.Value) []Setting {
	settings := make([]Setting, 0, len(s.leaves))
	for _, l := range s.leaves {
		key := elementKey(s, element, l.name)
		settings = append(settings, Setting{Key: key, Value: printable(v.FieldByIndex(l.index)), Origin: c.Provenance(key)})
	}
	return settings
}

// printable is a value as it may be shown: durations as they are written, credentials masked.
func printable(v reflect.Value) any {
	switch value := v.Interface().(type) {
	case time.Duration:
		return FormatDuration(value)
	case ProxyURL:
		return value.String()
	}
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int:
		return v.Int()
	default:
		return v.Interface()
	}
}

// Print writes the effective configuration as TOML, behind every value where it came from. It reads as a
// configuration again; credentials are masked.
func (c *Config) Print(w io.Writer) error {
	var out bytes.Buffer
	dir := filepath.Dir(c.file)
	if c.file == "" {
		out.WriteString("# no configuration file was found; these are the defaults, the environment and flags\n")
	} else {
		fmt.Fprintf(&out, "# files are in %s\n", dir)
	}
	last := ""
	for _, s := range c.Effective() {
		table, key, _ := strings.Cut(s.Key, ".")
		if table != last {
			fmt.Fprintf(&out, "\n%s\n", header(table))
			last = table
		}
		line, err := toml.Marshal(map[string]any{"k": s.Value})
		if err != nil {
			return fmt.Errorf("writing %s: %w", s.Key, err)
		}
		text := strings.TrimPrefix(strings.TrimRight(string(line), "\n"), "k = ")
		fmt.Fprintf(&out, "%s # %s\n", key+" = "+text, comment(s.Origin.relative(dir)))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// header gives scanner[2] as [[scanner]].
func header(table string) string {
	if name, _, ok := strings.Cut(table, "["); ok {
		return "[[" + name + "]]"
	}
	return "[" + table + "]"
}

// comment keeps an odd file name from breaking out of its line.
func comment(s string) string {
	if quoted := strconv.Quote(s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}
