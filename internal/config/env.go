package config

import (
	"os"
	"slices"
	"strconv"
	"strings"
)

const envPrefix = "POSAGENT_"

// ConfigVariable names the configuration file, like the flag --config.
const ConfigVariable = envPrefix + "CONFIG"

// envEntries turns variables POSAGENT_SECTION_KEY into entries. A variable of an unknown table is a fault where it
// looks like a slip of the fingers and a note otherwise, as other programs may use the prefix too.
func envEntries(all []section, env []string, rank int) (entries []entry, faults, notes Faults) {
	dir, _ := os.Getwd() // without a working directory relative paths stay as they are
	env = slices.Clone(env)
	slices.Sort(env)
	for _, assignment := range env {
		name, value, ok := strings.Cut(assignment, "=")
		if !ok || !strings.HasPrefix(name, envPrefix) || name == ConfigVariable {
			continue
		}
		origin := Origin{Kind: OriginEnv, Name: name, rank: rank}
		rest := strings.ToLower(strings.TrimPrefix(name, envPrefix))
		s, key := splitVariable(all, rest)
		if s == nil {
			f, isFault := unknownVariable(all, origin, rest, value)
			if isFault {
				faults = append(faults, f)
			} else {
				notes = append(notes, f)
			}
			continue
		}
		element := 0
		if s.list {
			element, key = splitElement(key)
		}
		l, ok := s.variable(key)
		if !ok {
			faults = append(faults, unknownVariableKey(s, origin, key, value))
			continue
		}
		entries = append(entries, entry{section: s, element: element, leaf: l, value: value, text: true, origin: origin, dir: dir})
	}
	return entries, faults, notes
}

func splitVariable(all []section, rest string) (*section, string) {
	for i := range all {
		if key, ok := strings.CutPrefix(rest, all[i].name+"_"); ok {
			return &all[i], key
		}
	}
	return nil, ""
}

// splitElement reads 2_port as the second one's port; without a number it is the first one's.
func splitElement(key string) (int, string) {
	number, rest, ok := strings.Cut(key, "_")
	if n, err := strconv.Atoi(number); ok && err == nil && n >= 1 {
		return n, rest
	}
	return 1, key
}

// variable finds a key by its name in the environment, where a point is an underscore: match_vid.
func (s *section) variable(key string) (leaf, bool) {
	i := slices.IndexFunc(s.leaves, func(l leaf) bool { return strings.ReplaceAll(l.name, ".", "_") == key })
	if i < 0 {
		return leaf{}, false
	}
	return s.leaves[i], true
}

func unknownVariable(all []section, origin Origin, rest, value string) (Fault, bool) {
	var names []string
	for _, s := range all {
		names = append(names, s.name)
	}
	word, _, _ := strings.Cut(rest, "_")
	if holdsSecret(value) {
		return faultAt(origin, "", "unknown variable, and its value is a key", secretRemedy), true
	}
	if slices.Contains(names, rest) {
		return faultAt(origin, "", "names a section and no key of it", "unset it, or write "+envPrefix+strings.ToUpper(rest)+"_KEY"), true
	}
	if near := nearest(word, names); near != "" {
		meant := envPrefix + strings.ToUpper(near+strings.TrimPrefix(rest, word))
		return faultAt(origin, "", "unknown variable", "did you mean "+meant+"?"), true
	}
	return faultAt(origin, "", "is not a variable of posagent and was ignored",
		"unset it, or write "+envPrefix+"SECTION_KEY with one of "+strings.ToUpper(strings.Join(names, ", "))), false
}

func unknownVariableKey(s *section, origin Origin, key, value string) Fault {
	if holdsSecret(value) {
		return faultAt(origin, "", "unknown variable, and its value is a key", secretRemedy)
	}
	names := make([]string, len(s.leaves))
	for i, l := range s.leaves {
		names[i] = strings.ReplaceAll(l.name, ".", "_")
	}
	if near := nearest(key, names); near != "" {
		return faultAt(origin, "", "unknown variable", "did you mean "+envPrefix+strings.ToUpper(s.name+"_"+near)+"?")
	}
	return faultAt(origin, "", "unknown variable", "unset it; the keys of "+s.name+" are "+strings.Join(names, ", "))
}
