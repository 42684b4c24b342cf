package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// errJSON is wrapped by every fault of the request's text itself.
var errJSON = errors.New("not the JSON that the gateway takes")

// splitEnvelope returns the exact bytes of the value of "request", from its
// "{" to the matching "}", and the signature's text. It demands exactly these
// two keys: encoding/json would match "Request" too and let the last of two
// win, so that other bytes are verified than are believed.
func splitEnvelope(body []byte) (request []byte, signature string, err error) {
	if !utf8.Valid(body) {
		return nil, "", fmt.Errorf("the body is not UTF-8: %w", errJSON)
	}
	if !json.Valid(body) {
		return nil, "", fmt.Errorf("the body is not one JSON value: %w", errJSON)
	}
	top, err := members(body)
	if err != nil {
		return nil, "", err
	}
	for name := range top {
		if name != "request" && name != "signature" {
			return nil, "", fmt.Errorf("unknown top-level key %q: %w", name, errJSON)
		}
	}
	raw, ok := top["request"]
	if !ok {
		return nil, "", fmt.Errorf("there is no \"request\": %w", errJSON)
	}
	if err := uniqueKeys(raw); err != nil {
		return nil, "", err
	}
	if err := json.Unmarshal(top["signature"], &signature); err != nil || signature == "" {
		// The request is returned all the same: its head names the message
		// that the refusal answers.
		return raw, "", nil
	}
	return raw, signature, nil
}

// members splits one JSON object into its members, each value verbatim. A key
// that comes twice, in whatever case, is refused.
func members(object []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("an object is expected: %w", errJSON)
	}
	out := map[string]json.RawMessage{}
	folded := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, isText := t.(string)
		if err != nil || !isText {
			return nil, fmt.Errorf("a key is expected: %w", errJSON)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("value of %q: %w", name, errors.Join(errJSON, err))
		}
		low := strings.ToLower(name)
		if folded[low] {
			return nil, fmt.Errorf("key %q comes twice: %w", name, errJSON)
		}
		folded[low] = true
		out[name] = value
	}
	return out, nil
}

// uniqueKeys refuses an object at any depth that has a key twice.
func uniqueKeys(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	type level struct {
		keys   map[string]bool // nil in an array
		isName bool            // the next string is a key
	}
	var stack []level
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.Join(errJSON, err)
		}
		top := len(stack) - 1
		if d, ok := t.(json.Delim); ok && (d == '}' || d == ']') {
			stack = stack[:top]
			continue
		}
		if top >= 0 && stack[top].keys != nil {
			if stack[top].isName {
				name, _ := t.(string) // a key is always a string
				low := strings.ToLower(name)
				if stack[top].keys[low] {
					return fmt.Errorf("key %q comes twice: %w", t, errJSON)
				}
				stack[top].keys[low] = true
			}
			stack[top].isName = !stack[top].isName
		}
		switch t {
		case json.Delim('{'):
			stack = append(stack, level{keys: map[string]bool{}, isName: true})
		case json.Delim('['):
			stack = append(stack, level{})
		}
	}
}

// fields reads one object of the request and gathers every fault, so that a
// developer sees them all in one answer.
type fields struct {
	path   string
	raw    map[string]json.RawMessage
	read   map[string]bool
	faults *[]string
}

func newFields(path string, raw []byte, faults *[]string) *fields {
	f := &fields{path: path, read: map[string]bool{}, faults: faults}
	m, err := members(raw)
	if err != nil {
		f.fault("%v", err)
	}
	f.raw = m
	return f
}

func (f *fields) fault(format string, args ...any) {
	*f.faults = append(*f.faults, f.path+": "+fmt.Sprintf(format, args...))
}

// text reads a string of 1 to limit bytes in UTF-8; the published lengths do not
// say whether they count bytes or characters, and bytes is the stricter reading.
func (f *fields) text(name string, required bool, limit int) string {
	f.read[name] = true
	raw, there := f.raw[name]
	if !there {
		if required {
			f.fault("%s is missing", name)
		}
		return ""
	}
	var s string
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		f.fault("%s is not a string", name)
		return ""
	}
	if s == "" && required {
		f.fault("%s is empty", name)
	}
	if len(s) > limit {
		f.fault("%s has %d bytes, %d are allowed", name, len(s), limit)
	}
	return s
}

// constant reads a string that can have only the given values.
func (f *fields) constant(name string, required bool, allowed ...string) string {
	s := f.text(name, required, 64)
	if s != "" && !slices.Contains(allowed, s) {
		f.fault("%s is %q, allowed: %s", name, s, strings.Join(allowed, ", "))
	}
	return s
}

// embedded reads a string that holds a JSON object ("key/value as string").
func (f *fields) embedded(name string, limit int) {
	s := f.text(name, false, limit)
	if s == "" {
		return
	}
	if _, err := members([]byte(s)); err != nil || !json.Valid([]byte(s)) {
		f.fault("%s is not a JSON object in a string", name)
	}
}

// object reads a nested object. Nil where it is not there or is something else.
func (f *fields) object(name string, required bool) *fields {
	f.read[name] = true
	raw, there := f.raw[name]
	if !there {
		if required {
			f.fault("%s is missing", name)
		}
		return nil
	}
	if raw[0] != '{' {
		f.fault("%s is not an object", name)
		return nil
	}
	return newFields(f.path+"."+name, raw, f.faults)
}

// open marks an object whose children are not published: any are taken.
func (f *fields) open(name string) { _ = f.object(name, false) }

// done refuses every name that was not asked for.
func (f *fields) done() {
	var unknown []string
	for name := range f.raw {
		if !f.read[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		f.fault("%q is no field of this object", name)
	}
}
