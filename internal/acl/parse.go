package acl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrSyntax: a text is no security descriptor.
var ErrSyntax = errors.New("not a security descriptor")

// Rights of files and pipes.
const (
	ReadData    uint32 = 0x1
	WriteData   uint32 = 0x2
	Append      uint32 = 0x4 // of a pipe: to make further instances of it
	DeleteChild uint32 = 0x40
	Delete      uint32 = 0x10000
	WriteDAC    uint32 = 0x40000
	WriteOwner  uint32 = 0x80000

	genericAll     uint32 = 0x10000000
	genericExecute uint32 = 0x20000000
	genericWrite   uint32 = 0x40000000
	genericRead    uint32 = 0x80000000

	fileAll     uint32 = 0x1f01ff
	fileRead    uint32 = 0x120089
	fileWrite   uint32 = 0x120116
	fileExecute uint32 = 0x1200a0
)

// Entry is one line of an access list that counts for the object itself.
type Entry struct {
	Allow  bool
	Rights uint32 // generic rights spelled out as those of a file
	SID    string // or a two-letter name that only the machine can resolve
}

// Descriptor says who owns an object and who may do what with it.
type Descriptor struct {
	Owner   string // empty: unknown
	Open    bool   // there is no list: everybody may do everything
	Entries []Entry
}

// Parse reads a security descriptor in SDDL. Entries that only heirs get are left
// out; conditions of conditional entries are taken as fulfilled.
func Parse(sddl string) (Descriptor, error) {
	d := Descriptor{Open: true}
	for rest := sddl; rest != ""; {
		tag, body, next := section(rest)
		if next == rest {
			return Descriptor{}, fmt.Errorf("%w: %q", ErrSyntax, sddl)
		}
		rest = next
		switch tag {
		case 'O':
			d.Owner = alias(body)
		case 'D':
			if strings.Contains(body, "NO_ACCESS_CONTROL") {
				continue
			}
			d.Open = false
			entries, err := entries(body)
			if err != nil {
				return Descriptor{}, fmt.Errorf("%w in %q", err, sddl)
			}
			d.Entries = entries
		}
	}
	return d, nil
}

// section cuts the first part off: O:owner, G:group, D:list or S:audit list. A text
// that begins with none comes back whole.
func section(s string) (tag byte, body, rest string) {
	if len(s) < 2 || s[1] != ':' || !strings.Contains("OGDS", s[:1]) {
		return 0, "", s
	}
	end, depth := len(s), 0
	for i := 2; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ':':
			if depth == 0 {
				end = i - 1
			}
		}
		if end < len(s) {
			break
		}
	}
	return s[0], s[2:end], s[end:]
}

// entries reads the parenthesised lines of a list; the flags before them say how
// it came to be, not who may do what.
func entries(list string) ([]Entry, error) {
	var out []Entry
	for {
		begin := strings.IndexByte(list, '(')
		if begin < 0 {
			return out, nil
		}
		end, depth := -1, 0
		for i := begin; i < len(list) && end < 0; i++ {
			switch list[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 {
					end = i
				}
			}
		}
		if end < 0 {
			return nil, ErrSyntax
		}
		e, counts, err := entry(list[begin+1 : end])
		if err != nil {
			return nil, err
		}
		if counts {
			out = append(out, e)
		}
		list = list[end+1:]
	}
}

// entry reads type;flags;rights;object;inherited object;account[;condition].
func entry(text string) (e Entry, counts bool, err error) {
	f := strings.SplitN(text, ";", 7)
	if len(f) < 6 {
		return Entry{}, false, fmt.Errorf("entry %q: %w", text, ErrSyntax)
	}
	switch f[0] {
	case "A", "OA", "XA", "ZA":
		e.Allow = true
	case "D", "OD", "XD":
	default:
		return Entry{}, false, nil // audits and labels grant nothing
	}
	if e.Rights, err = rights(f[2]); err != nil {
		return Entry{}, false, fmt.Errorf("entry %q: %w", text, err)
	}
	e.SID = alias(f[5])
	for flags := f[1]; len(flags) >= 2; flags = flags[2:] {
		if flags[:2] == "IO" {
			return Entry{}, false, nil
		}
	}
	return e, true, nil
}

// rights reads a number, or two-letter names one after another.
func rights(text string) (uint32, error) {
	if text == "" {
		return 0, nil
	}
	if text[0] >= '0' && text[0] <= '9' {
		n, err := strconv.ParseUint(text, 0, 32)
		if err != nil {
			return 0, fmt.Errorf("rights %q: %w", text, ErrSyntax)
		}
		return spell(uint32(n)), nil
	}
	if len(text)%2 != 0 {
		return 0, fmt.Errorf("rights %q: %w", text, ErrSyntax)
	}
	var sum uint32
	for ; text != ""; text = text[2:] {
		bits, known := rightNamed(text[:2])
		if !known {
			return 0, fmt.Errorf("right %q: %w", text[:2], ErrSyntax)
		}
		sum |= bits
	}
	return spell(sum), nil
}

func rightNamed(name string) (bits uint32, known bool) {
	bits = map[string]uint32{
		"GA": genericAll, "GR": genericRead, "GW": genericWrite, "GX": genericExecute,
		"RC": 0x20000, "SD": Delete, "WD": WriteDAC, "WO": WriteOwner,
		"FA": fileAll, "FR": fileRead, "FW": fileWrite, "FX": fileExecute,
		"KA": 0xf003f, "KR": 0x20019, "KW": 0x20006, "KX": 0x20019,
		"CC": 0x1, "DC": 0x2, "LC": 0x4, "SW": 0x8, "RP": 0x10, "WP": 0x20, "DT": 0x40, "LO": 0x80, "CR": 0x100,
	}[name]
	return bits, bits != 0
}

// spell replaces generic rights by what they mean for a file.
func spell(r uint32) uint32 {
	for _, g := range []struct{ generic, meaning uint32 }{
		{genericAll, fileAll}, {genericRead, fileRead}, {genericWrite, fileWrite}, {genericExecute, fileExecute},
	} {
		if r&g.generic != 0 {
			r = r&^g.generic | g.meaning
		}
	}
	return r
}
