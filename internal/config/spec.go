package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

var durationType = reflect.TypeFor[time.Duration]()

// pathKind says how a relative value of a key is resolved.
type pathKind string

const (
	pathNone   pathKind = ""
	pathFile   pathKind = "file"   // always against the directory of the file that holds it
	pathKey    pathKind = "key"    // the same, except for a credential's name
	pathSocket pathKind = "socket" // the same, except for named pipes
	pathPort   pathKind = "port"   // only where it begins with ./ or ../, as COM3 is no path
)

// leaf is one key of a section, made from a field of its struct.
type leaf struct {
	name  string // "timeout", "match.vid"
	index []int
	typ   reflect.Type
	path  pathKind
	min   string // least and greatest value of a number or duration, as it is written; empty: no limit
	max   string
	live  bool // a running daemon takes a change of it; all others need a restart
}

// section is one table of the file. The structs are the only list of keys: what has no field is an unknown key.
type section struct {
	name   string
	index  int
	list   bool
	leaves []leaf
}

// limit reads one of the leaf's limits. A limit that cannot be read is a slip in a struct tag; it lets nothing pass.
func (l leaf) limit(text string) int64 {
	if l.typ == durationType {
		d, err := ParseDuration(text)
		if err != nil {
			return 0
		}
		return int64(d)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (s *section) leaf(name string) (leaf, bool) {
	i := slices.IndexFunc(s.leaves, func(l leaf) bool { return l.name == name })
	if i < 0 {
		return leaf{}, false
	}
	return s.leaves[i], true
}

// table says whether name is a table inside the section, such as match in scanner.
func (s *section) table(name string) bool {
	return slices.ContainsFunc(s.leaves, func(l leaf) bool { return strings.HasPrefix(l.name, name+".") })
}

func (s *section) names() []string {
	names := make([]string, len(s.leaves))
	for i, l := range s.leaves {
		names[i] = l.name
	}
	return names
}

// sections lists the tables in the order of the struct, which is the order of the annotated example.
func sections() []section {
	var all []section
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("toml")
		if name == "" || name == "-" {
			continue
		}
		st := f.Type
		s := section{name: name, index: i, list: st.Kind() == reflect.Slice}
		if s.list {
			st = st.Elem()
		}
		s.leaves = leavesOf(st, "", nil)
		all = append(all, s)
	}
	return all
}

func leavesOf(t reflect.Type, prefix string, index []int) []leaf {
	var leaves []leaf
	for i := range t.NumField() {
		f := t.Field(i)
		name := prefix + f.Tag.Get("toml")
		at := append(slices.Clone(index), i)
		if f.Type.Kind() == reflect.Struct {
			leaves = append(leaves, leavesOf(f.Type, name+".", at)...)
			continue
		}
		leaves = append(leaves, leaf{
			name: name, index: at, typ: f.Type,
			path: pathKind(f.Tag.Get("path")), min: f.Tag.Get("min"), max: f.Tag.Get("max"),
			live: f.Tag.Get("reload") == "live",
		})
	}
	return leaves
}

func findSection(all []section, name string) *section {
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}

// nearest returns the candidate that a slip of the fingers is most likely to have meant, or "".
func nearest(word string, candidates []string) string {
	best, bestDistance := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, change or swap with their neighbour (optimal string alignment).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
