package config

import (
	"fmt"
	"slices"
	"strings"
)

// entry is one key that a layer gives.
type entry struct {
	section *section
	element int // for lists: which one within the layer, counted from one; 0 otherwise
	leaf    leaf
	value   any // as TOML decoded it, or the text of a variable or flag
	text    bool
	origin  Origin
	dir     string // against which a relative path is resolved
}

func (e entry) key() string { return elementKey(e.section, e.element, e.leaf.name) }

func elementKey(s *section, element int, name string) string {
	if s.list {
		return fmt.Sprintf("%s[%d].%s", s.name, element, name)
	}
	return s.name + "." + name
}

// collector turns a document into entries and faults.
type collector struct {
	doc     *document
	dir     string
	all     []section
	entries []entry
	faults  Faults
}

func (c *collector) run() {
	for name, value := range c.doc.values {
		key := join("", name)
		s := findSection(c.all, name)
		switch {
		case s == nil:
			c.unknownTop(key, name, value)
		case s.list:
			c.list(s, value)
		default:
			table, ok := value.(map[string]any)
			if !ok {
				c.fault(key, "is "+kindName(value)+", but should be a table", "write ["+name+"] on a line of its own and its keys below")
				continue
			}
			c.table(s, 0, key, "", table)
		}
	}
}

func (c *collector) list(s *section, value any) {
	elements, ok := value.([]any)
	if !ok {
		c.fault(s.name, "is "+kindName(value)+", but there can be several of it", "write [["+s.name+"]] with two brackets")
		return
	}
	for i, element := range elements {
		key := fmt.Sprintf("%s[%d]", s.name, i+1)
		table, ok := element.(map[string]any)
		if !ok {
			c.fault(key, "is "+kindName(element)+", but should be a table", "write [["+s.name+"]] on a line of its own and its keys below")
			continue
		}
		if len(table) == 0 {
			c.fault(key, "is empty", "give it at least a type, or delete it")
			continue
		}
		c.table(s, i+1, key, "", table)
	}
}

// table walks one table; prefix is the path within the section, "match." for example.
func (c *collector) table(s *section, element int, at, prefix string, values map[string]any) {
	for name, value := range values {
		key := join(at, name)
		full := prefix + name
		inner, isTable := value.(map[string]any)
		l, known := s.leaf(full)
		switch {
		case known:
			c.entries = append(c.entries, entry{
				section: s, element: element, leaf: l, value: value, origin: c.doc.origin(key), dir: c.dir,
			})
		case s.table(full) && isTable:
			c.table(s, element, key, full+".", inner)
		case s.table(full):
			c.fault(key, "is "+kindName(value)+", but should be a table", "write for example "+tableExample(s, full))
		default:
			c.unknown(s, key, full, value)
		}
	}
}

func (c *collector) unknown(s *section, key, name string, value any) {
	problem := "unknown key"
	if text, ok := value.(string); ok && holdsSecret(text) {
		problem = "unknown key, and its value is a key that stands in the file itself"
		c.fault(key, problem, secretRemedy)
		return
	}
	c.fault(key, problem, unknownRemedy(c.all, s, name))
}

// unknownTop judges what stands outside every table, or in a table that does not exist.
func (c *collector) unknownTop(key, name string, value any) {
	if text, ok := value.(string); ok && holdsSecret(text) {
		c.fault(key, "unknown key, and its value is a key that stands in the file itself", secretRemedy)
		return
	}
	if home := sectionsWith(c.all, name); len(home) > 0 {
		c.fault(key, "stands outside of its table", "put it below ["+strings.Join(home, "] or [")+"]")
		return
	}
	var names []string
	for _, s := range c.all {
		names = append(names, s.name)
	}
	remedy := "delete it; the tables are " + strings.Join(names, ", ")
	if near := nearest(name, names); near != "" {
		remedy = "did you mean " + near + "?"
	}
	c.fault(key, "unknown table or key", remedy)
}

func (c *collector) fault(key, problem, remedy string) {
	c.faults = append(c.faults, faultAt(c.doc.origin(key), key, problem, remedy))
}

// unknownRemedy says which key was probably meant: a near one of the same table, or this one in another table.
func unknownRemedy(all []section, s *section, name string) string {
	if near := nearest(name, s.names()); near != "" {
		return "did you mean " + near + "?"
	}
	if home := sectionsWith(all, name); len(home) > 0 {
		return "it belongs below [" + strings.Join(home, "] or [") + "]"
	}
	return "delete it; the keys of " + s.name + " are " + strings.Join(s.names(), ", ")
}

func sectionsWith(all []section, name string) []string {
	var home []string
	for i := range all {
		if _, ok := all[i].leaf(name); ok {
			home = append(home, all[i].name)
		}
	}
	slices.Sort(home)
	return home
}

func tableExample(s *section, name string) string {
	var keys []string
	for _, l := range s.leaves {
		if rest, ok := strings.CutPrefix(l.name, name+"."); ok {
			keys = append(keys, rest+` = "..."`)
		}
	}
	return name + " = { " + strings.Join(keys, ", ") + " }"
}
