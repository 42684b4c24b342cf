package config

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document is one TOML file: its values, and the place of every key and table header.
type document struct {
	file      string
	rank      int
	values    map[string]any
	positions map[string]unstable.Position
}

// parseDocument reads TOML. The decoder gives the values and judges the syntax; the parser, whose positions the
// decoder throws away, is run a second time for them.
func parseDocument(file string, rank int, data []byte) (*document, *Fault) {
	doc := &document{file: file, rank: rank, positions: map[string]unstable.Position{}}
	// Windows Notepad puts a byte order mark in front.
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if fault := doc.checkText(data); fault != nil {
		return nil, fault
	}
	if err := toml.Unmarshal(data, &doc.values); err != nil {
		fault := doc.syntaxFault(err, data)
		return nil, &fault
	}
	doc.locate(data)
	return doc, nil
}

func (d *document) checkText(data []byte) *Fault {
	origin := Origin{Kind: OriginFile, File: d.file, Line: 1, Column: 1, rank: d.rank}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		f := faultAt(origin, "", "the file is UTF-16", "save it as UTF-8")
		return &f
	}
	for i, rest := 0, data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			line := 1 + bytes.Count(data[:i], []byte("\n"))
			origin.Line, origin.Column = line, i-bytes.LastIndexByte(data[:i], '\n')
			f := faultAt(origin, "", fmt.Sprintf("byte 0x%02x is not UTF-8", rest[0]), "save the file as UTF-8")
			return &f
		}
		i, rest = i+size, rest[size:]
	}
	return nil
}

func (d *document) syntaxFault(err error, data []byte) Fault {
	origin := Origin{Kind: OriginFile, File: d.file, rank: d.rank}
	problem, remedy := "not TOML", "see https://toml.io for the format"
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		// decode.String() would show the lines around, and with them perhaps a secret.
		origin.Line, origin.Column = decode.Position()
		problem = "not TOML: " + strings.TrimPrefix(decode.Error(), "toml: ")
		remedy = "correct this line; texts stand in quotes, for example name = \"text\""
	}
	lines := bytes.Split(data, []byte("\n"))
	if n := origin.Line; n > 0 && n <= len(lines) {
		switch line := string(lines[n-1]); {
		case holdsSecret(line) || holdsSecret(string(data)):
			return faultAt(origin, "", "not TOML, and a key stands in the file as a value", secretRemedy)
		case strings.Contains(line, `\`):
			remedy = `write Windows paths in single quotes, for example 'C:\ProgramData\posagent'`
		}
	}
	return faultAt(origin, "", problem, remedy)
}

// locate records where each key stands. The document is known to be good.
func (d *document) locate(data []byte) {
	var p unstable.Parser
	p.Reset(data)
	tables := map[string]int{}
	var current string
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			current = d.locateHeader(&p, e, tables)
		case unstable.ArrayTable:
			name := d.tableName(e, tables)
			tables[name]++
			current = fmt.Sprintf("%s[%d]", name, tables[name])
			d.locateHeader(&p, e, tables)
		case unstable.KeyValue:
			d.locateKeyValue(&p, e, current)
		}
	}
}

// tableName joins the parts of a header; each part that is a list stands for its newest element.
func (d *document) tableName(e *unstable.Node, lists map[string]int) string {
	name := ""
	for it := e.Key(); it.Next(); {
		if n := lists[name]; n > 0 {
			name = fmt.Sprintf("%s[%d]", name, n)
		}
		name = join(name, string(it.Node().Data))
	}
	return name
}

func (d *document) locateHeader(p *unstable.Parser, e *unstable.Node, lists map[string]int) string {
	name := ""
	for it := e.Key(); it.Next(); {
		name = join(name, string(it.Node().Data))
		if n := lists[name]; n > 0 {
			d.note(p, name, it.Node())
			name = fmt.Sprintf("%s[%d]", name, n)
		}
		d.note(p, name, it.Node())
	}
	return name
}

func (d *document) locateKeyValue(p *unstable.Parser, e *unstable.Node, table string) {
	name := table
	for it := e.Key(); it.Next(); {
		name = join(name, string(it.Node().Data))
		d.note(p, name, it.Node())
	}
	d.locateValue(p, e.Value(), name, e)
}

func (d *document) locateValue(p *unstable.Parser, v *unstable.Node, name string, key *unstable.Node) {
	switch v.Kind {
	case unstable.InlineTable:
		for it := v.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				d.locateKeyValue(p, it.Node(), name)
			}
		}
	case unstable.Array:
		n := 0
		for it := v.Children(); it.Next(); {
			child := it.Node()
			if child.Kind == unstable.Comment {
				continue
			}
			n++
			element := fmt.Sprintf("%s[%d]", name, n)
			if pos, ok := d.positions[name]; ok {
				d.positions[element] = pos
			}
			d.locateValue(p, child, element, key)
		}
	}
}

// note keeps the first place: a table may be mentioned again by its children.
func (d *document) note(p *unstable.Parser, name string, n *unstable.Node) {
	if _, ok := d.positions[name]; !ok {
		d.positions[name] = p.Shape(n.Raw).Start
	}
}

func (d *document) origin(key string) Origin {
	pos := d.positions[key]
	return Origin{Kind: OriginFile, File: d.file, Line: pos.Line, Column: pos.Column, rank: d.rank}
}

// join puts a part behind a key, in quotes where a bare key could not hold it.
func join(name, part string) string {
	if !bareKey.MatchString(part) {
		part = strconv.Quote(part)
	}
	if name == "" {
		return part
	}
	return name + "." + part
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
