package config

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Snapshot is an effective configuration as it can be kept and compared, without
// anything secret.
type Snapshot struct {
	At       time.Time         `json:"at"`
	File     string            `json:"file,omitempty"`
	Settings []Setting         `json:"settings"`
	Contents map[string]string `json:"contents"` // of the files that keys name, where they are no secret
	Sources  []Source          `json:"sources"`
}

// Source is a file that a configuration was read from.
type Source struct {
	Path     string    `json:"path"`
	Owner    string    `json:"owner,omitempty"`
	Modified time.Time `json:"modified,omitzero"`
}

// Snapshot is c as it is now. Its settings remember the secret parts of their
// values, for Diff alone: they are not written with the rest.
func (c *Config) Snapshot(at time.Time) Snapshot {
	s := Snapshot{At: at, File: c.file, Settings: c.Effective(), Contents: map[string]string{}}
	for i, setting := range s.Settings {
		if setting.Key == "gateway.proxy_url" {
			s.Settings[i].whole = c.Gateway.ProxyURL.Reveal()
		}
		if kept, ok := c.contents[setting.Key]; ok {
			s.Settings[i].file = kept.digest
			if kept.shown != "" {
				s.Contents[setting.Key] = kept.shown
			}
		}
	}
	for _, path := range c.sources {
		s.Sources = append(s.Sources, sourceOf(path))
	}
	return s
}

// Change is one key whose value differs between two configurations.
type Change struct {
	Key     string  `json:"key"`
	Old     any     `json:"old"` // nil: there was none, as of a scanner that is new
	New     any     `json:"new"`
	Was     Origin  `json:"was"`
	Origin  Origin  `json:"origin"`
	Source  *Source `json:"source,omitempty"` // of the file that gives the new value
	Restart bool    `json:"needsRestart"`
}

// String is the change in one line.
func (c Change) String() string {
	text := fmt.Sprintf("%s: %s -> %s (%s", c.Key, shown(c.Old), shown(c.New), c.Origin)
	if c.Source != nil && c.Source.Owner != "" {
		text += ", of " + c.Source.Owner + ", written " + c.Source.Modified.UTC().Format(time.RFC3339)
	}
	if c.Restart {
		text += "; needs restart"
	}
	return text + ")"
}

func shown(v any) string {
	if v == nil {
		return "(none)"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// Changes are the differences between two configurations, in the order of the file.
type Changes []Change

// Keys names what changed.
func (cs Changes) Keys() []string {
	keys := make([]string, len(cs))
	for i, c := range cs {
		keys[i] = c.Key
	}
	return keys
}

// NeedRestart are those that a running daemon does not take.
func (cs Changes) NeedRestart() Changes {
	return slices.DeleteFunc(slices.Clone(cs), func(c Change) bool { return !c.Restart })
}

// Touches tells whether one of the tables or keys changed.
func (cs Changes) Touches(prefixes ...string) bool {
	return slices.ContainsFunc(cs, func(c Change) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool {
			return c.Key == p || strings.HasPrefix(c.Key, p+".") || strings.HasPrefix(c.Key, p+"[")
		})
	})
}

// Diff compares two configurations. Scanners are told apart by their names, so
// that one that is put in front of others does not change these.
func Diff(old, next Snapshot) Changes {
	before, after := byName(old), byName(next)
	live := liveKeys()
	var out Changes
	for _, k := range after.order {
		n := after.settings[k]
		o, was := before.settings[k]
		c := Change{Key: n.Key, New: n.Value, Origin: n.Origin, Restart: !live[general(n.Key)]}
		switch {
		case !was:
			c.Was = Origin{Kind: OriginDefault}
		case !same(o.Value, n.Value):
			c.Old, c.Was = o.Value, o.Origin
		case o.whole != "" && n.whole != "" && o.whole != n.whole:
			c.Old, c.Was = o.Value, o.Origin
		case differ(o.file, n.file) || differ(old.Contents[o.Key], next.Contents[n.Key]):
			c.Old, c.New, c.Was = contentOf(old, o), contentOf(next, n), o.Origin
		default:
			continue
		}
		c.Source = next.source(n.Origin)
		out = append(out, c)
	}
	for _, k := range before.order {
		if _, stays := after.settings[k]; !stays {
			o := before.settings[k]
			out = append(out, Change{Key: o.Key, Old: o.Value, Was: o.Origin, Origin: Origin{Kind: OriginDefault}, Restart: !live[general(o.Key)]})
		}
	}
	return out
}

// contentOf is what is told of a file whose content changed under the same name.
func contentOf(s Snapshot, setting Setting) string {
	if told := s.Contents[setting.Key]; told != "" {
		return fmt.Sprintf("%v (%s)", setting.Value, told)
	}
	return fmt.Sprintf("%v (another content)", setting.Value)
}

// same compares values that may have been through JSON.
func same(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

func (s Snapshot) source(o Origin) *Source {
	for i := range s.Sources {
		if o.Kind == OriginFile && s.Sources[i].Path == o.File {
			return &s.Sources[i]
		}
	}
	return nil
}

// named are settings by a key that counts scanners by name.
type named struct {
	order    []string
	settings map[string]Setting
}

func byName(s Snapshot) named {
	names := map[string]string{}
	for _, setting := range s.Settings {
		if table, key, _ := strings.Cut(setting.Key, "."); key == "name" && strings.HasSuffix(table, "]") {
			names[table] = fmt.Sprintf("scanner %v", setting.Value)
		}
	}
	out := named{settings: map[string]Setting{}}
	for _, setting := range s.Settings {
		key := setting.Key
		if table, rest, _ := strings.Cut(key, "."); names[table] != "" {
			key = names[table] + "." + rest
		}
		out.order = append(out.order, key)
		out.settings[key] = setting
	}
	return out
}

// general is a key without its scanner's number.
func general(key string) string {
	table, rest, _ := strings.Cut(key, ".")
	table, _, _ = strings.Cut(table, "[")
	return table + "." + rest
}

// liveKeys are the keys whose change a running daemon takes.
func liveKeys() map[string]bool {
	out := map[string]bool{}
	for _, s := range sections() {
		for _, l := range s.leaves {
			out[s.name+"."+l.name] = l.live
		}
	}
	return out
}
