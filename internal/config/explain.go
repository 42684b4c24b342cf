package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"posagent/configs"
)

// Layer is one value that a key was given, and where.
type Layer struct {
	Value  any    `json:"value"` // as in Setting: credentials masked
	Origin Origin `json:"origin"`
}

// Explanation is everything there is to know of one key.
type Explanation struct {
	Setting
	Overrode []Layer  `json:"overrode"` // what lower layers say, highest first; the default is the last
	Meaning  string   `json:"meaning"`
	Type     string   `json:"type"`             // what is written, with its unit
	Limits   string   `json:"limits,omitempty"` // "1s to 1m"
	Words    []string `json:"words,omitempty"`  // the only values, where they are few
	Live     bool     `json:"changesWithoutRestart"`
}

// UnknownKeyError is returned for a key that does not exist.
type UnknownKeyError struct {
	Key  string
	Near string // what was probably meant; may be empty
}

func (e *UnknownKeyError) Error() string {
	if e.Near == "" {
		return "there is no key " + strconv.Quote(e.Key) + `; "posagent config example" shows all of them`
	}
	return "there is no key " + strconv.Quote(e.Key) + "; did you mean " + e.Near + "?"
}

// Explain explains one key ("gateway.timeout", "scanner[2].port"), or all keys of
// a table. Scanners are counted from one, or named: scanner[counter].port. Without
// a number it is every scanner's. The error is an *UnknownKeyError.
func (c *Config) Explain(key string) ([]Explanation, error) {
	var out []Explanation
	for _, e := range c.explainAll() {
		if names(e.Key, key, c) {
			out = append(out, e)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return c.explainAbsent(key)
}

// Differing explains the keys that differ from their defaults.
func (c *Config) Differing() []Explanation {
	return slices.DeleteFunc(c.explainAll(), func(e Explanation) bool {
		return len(e.Overrode) == 0 || e.Value == e.Overrode[len(e.Overrode)-1].Value
	})
}

// names tells whether what a person typed means a key.
func names(key, typed string, c *Config) bool {
	table, name, _ := strings.Cut(key, ".")
	word, _, indexed := strings.Cut(table, "[")
	if typed == key || typed == table || typed == word || indexed && typed == word+"."+name {
		return true
	}
	number, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(table, word), "[]"))
	if err != nil || number > len(c.Scanners) {
		return false
	}
	called := word + "[" + c.Scanners[number-1].Name + "]"
	return typed == called || typed == called+"."+name
}

func (c *Config) explainAll() []Explanation {
	all, out, meaning := sections(), []Explanation(nil), meanings()
	defaults := Default()
	for i := range all {
		s := &all[i]
		v := reflect.ValueOf(c).Elem().Field(s.index)
		if !s.list {
			out = append(out, c.explainTable(s, 0, v, reflect.ValueOf(defaults).Field(s.index), meaning)...)
			continue
		}
		for n := range v.Len() {
			out = append(out, c.explainTable(s, n+1, v.Index(n), reflect.ValueOf(DefaultScanner()), meaning)...)
		}
	}
	return out
}

func (c *Config) explainTable(s *section, element int, v, defaults reflect.Value, meaning map[string]string) []Explanation {
	out := make([]Explanation, 0, len(s.leaves))
	for i, setting := range c.settings(s, element, v) {
		e := describe(s, s.leaves[i], meaning)
		e.Setting = setting
		given := c.layers[setting.Key]
		if len(given) > 0 {
			for _, lower := range slices.Backward(given[:len(given)-1]) {
				e.Overrode = append(e.Overrode, lower)
			}
			e.Overrode = append(e.Overrode, Layer{
				Value: printable(defaults.FieldByIndex(s.leaves[i].index)), Origin: Origin{Kind: OriginDefault},
			})
		}
		out = append(out, e)
	}
	return out
}

// explainAbsent explains a key of a list that is empty, or says what was meant.
func (c *Config) explainAbsent(key string) ([]Explanation, error) {
	all := sections()
	var known []string
	for i := range all {
		s := &all[i]
		known = append(known, s.name)
		for _, l := range s.leaves {
			name := s.name + "." + l.name
			known = append(known, name)
			if s.list && (key == name || key == s.name) {
				e := describe(s, l, meanings())
				e.Setting = Setting{Key: name, Value: printable(reflect.ValueOf(DefaultScanner()).FieldByIndex(l.index)), Origin: Origin{Kind: OriginDefault}}
				return []Explanation{e}, nil
			}
		}
	}
	near := nearest(key, known)
	if near == "" {
		if home := sectionsWith(all, key); len(home) > 0 {
			near = home[0] + "." + key
		}
	}
	return nil, &UnknownKeyError{Key: key, Near: near}
}

func describe(s *section, l leaf, meaning map[string]string) Explanation {
	e := Explanation{Meaning: meaning[s.name+"."+l.name], Words: wordsOf(l.typ), Live: l.live, Overrode: []Layer{}}
	switch {
	case l.typ == durationType:
		e.Type = "a duration: a number with a unit, such as 300ms, 5s, 2m, 1h, 400d"
	case l.path == pathFile:
		e.Type = "the path of a file"
	case l.path == pathKey:
		e.Type = "the path of a file, or credential:NAME"
	case l.typ.Kind() == reflect.Int:
		e.Type = "a whole number"
	case l.typ.Kind() == reflect.Bool:
		e.Type = "true or false"
	default:
		e.Type = "a text"
	}
	if l.min != "" {
		e.Limits = fmt.Sprintf("%s to %s", l.min, l.max)
	}
	return e
}

// meanings are the descriptions of the schema, which are made of the doc comments.
func meanings() map[string]string {
	type node struct {
		Description string           `json:"description"`
		Properties  map[string]*node `json:"properties"`
		Items       *node            `json:"items"`
	}
	out := map[string]string{}
	var walk func(prefix string, n *node)
	walk = func(prefix string, n *node) {
		if n.Items != nil {
			n = n.Items
		}
		for name, inner := range n.Properties {
			key := strings.TrimPrefix(prefix+"."+name, ".")
			out[key] = inner.Description
			walk(key, inner)
		}
	}
	var root node
	if err := json.Unmarshal([]byte(configs.Schema), &root); err == nil { // a test proves that every key has its meaning
		walk("", &root)
	}
	return out
}
