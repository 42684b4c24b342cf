package localapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"posagent/internal/localapi/wire"
)

// readBody reads a JSON body of at most 64 KiB, in bounded time. required says
// whether there must be one.
func readBody(w http.ResponseWriter, r *http.Request, required bool) ([]byte, *wire.Problem) {
	// A connection that knows no deadlines, as in tests, goes without.
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer func() { _ = rc.SetReadDeadline(time.Time{}) }()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, tooLarge()
		}
		return nil, invalid("", "The body could not be read to its end.")
	}
	if len(body) == 0 && !required {
		return nil, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, wire.NewProblem(wire.CodeUnsupportedMedia, "The body must be application/json in UTF-8.",
			`Send "Content-Type: application/json".`)
	}
	if !utf8.Valid(body) {
		return nil, invalid("", "The body is not valid UTF-8.")
	}
	return body, nil
}

func invalid(field, detail string) *wire.Problem {
	p := wire.NewProblem(wire.CodeInvalidRequest, detail, "")
	p.Field = field
	return p
}

// object is one JSON object that is read strictly: encoding/json would take
// fields in any case of letters, the last of two, and unknown ones, and a
// register would never learn that half of its request was dropped.
type object struct {
	at     string // path of the object, with a dot behind it; "" at the top
	fields map[string]json.RawMessage
	fault  *wire.Problem // the first
}

// readObject takes an object apart. Only the known fields may be in it, once each.
func readObject(data []byte, at string, known ...string) *object {
	o := &object{at: at, fields: map[string]json.RawMessage{}}
	dec := json.NewDecoder(bytes.NewReader(data))
	t, err := dec.Token()
	if err != nil || t != json.Delim('{') {
		o.refuse("", "is not a JSON object")
		return o
	}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return o.malformed(dec)
		}
		switch _, twice := o.fields[name]; {
		case twice:
			o.refuse(name, "stands there twice")
			return o
		case !contains(known, name):
			o.refuse(printable(name), "is not a field of this request; it takes "+cmp.Or(strings.Join(known, ", "), "none"))
			return o
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return o.malformed(dec)
		}
		o.fields[name] = raw
	}
	if _, err := dec.Token(); err != nil {
		return o.malformed(dec)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		o.refuse("", "is followed by something else")
	}
	return o
}

func contains(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}

var fieldName = regexp.MustCompile(`^[A-Za-z_]{1,32}$`)

// printable keeps what is no name of a field out of the answer: a register that
// mixes up names and values would have a payment code repeated to it.
func printable(name string) string {
	if fieldName.MatchString(name) {
		return name
	}
	return "(unnamed)"
}

func (o *object) malformed(dec *json.Decoder) *object {
	o.refuse("", fmt.Sprintf("is not valid JSON at byte %d", dec.InputOffset()))
	return o
}

// refuse notes a fault, unless there is one already.
func (o *object) refuse(field, why string) {
	if o.fault != nil {
		return
	}
	name := strings.TrimSuffix(o.at+field, ".")
	subject := name
	if subject == "" {
		subject = "The body"
	}
	o.fault = invalid(name, subject+" "+why+".")
}

// text reads a line of min to max bytes. An absent field is "" and allowed
// unless min is positive.
func (o *object) text(name string, minimum, maximum int) string {
	s, ok := o.str(name, minimum > 0, maximum)
	switch {
	case !ok:
	case len(s) < minimum:
		o.refuse(name, "must not be empty")
	case strings.ContainsRune(s, utf8.RuneError):
		o.refuse(name, "holds a character that is not valid Unicode")
	case strings.ContainsFunc(s, unicode.IsControl):
		o.refuse(name, "holds a control character")
	}
	return s
}

// str reads a string of any characters and at most max bytes. It reports whether
// the field is there and well.
func (o *object) str(name string, required bool, maximum int) (string, bool) {
	raw, ok := o.fields[name]
	if !ok {
		if required {
			o.refuse(name, "is missing")
		}
		return "", false
	}
	var s string
	switch {
	case raw[0] != '"' || json.Unmarshal(raw, &s) != nil:
		o.refuse(name, "must be a string")
		return "", false
	case len(s) > maximum:
		o.refuse(name, fmt.Sprintf("has %d bytes; at most %d are allowed", len(s), maximum))
		return "", false
	}
	return s, true
}

// object reads a nested object, which must be there.
func (o *object) object(name string, known ...string) *object {
	raw, ok := o.fields[name]
	if !ok {
		o.refuse(name, "is missing")
		return &object{at: o.at + name + ".", fault: o.fault}
	}
	in := readObject(raw, o.at+name+".", known...)
	if o.fault == nil {
		o.fault = in.fault
	}
	return in
}
