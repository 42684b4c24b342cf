package localapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
)

// contract is openapi.json, made strict: what it does not mention must not be in
// an answer.
type contract struct {
	paths    map[string]map[string]operation
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
}

type operation struct {
	Responses map[string]struct {
		Ref     string `json:"$ref"`
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			} `json:"schema"`
		} `json:"content"`
		Events map[string]struct {
			Ref string `json:"$ref"`
		} `json:"x-events"`
	} `json:"responses"`
	Codes []wire.Code `json:"x-problem-codes"`
}

func newContract(t *testing.T) *contract {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(localapi.Description()))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc)
	c := &contract{paths: map[string]map[string]operation{}, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(localapi.Description(), &raw); err != nil {
		t.Fatal(err)
	}
	for path, items := range raw.Paths {
		c.paths[path] = map[string]operation{}
		for method, item := range items {
			if method == "parameters" {
				continue
			}
			var op operation
			if err := json.Unmarshal(item, &op); err != nil {
				t.Fatal(err)
			}
			c.paths[path][strings.ToUpper(method)] = op
		}
	}
	return c
}

// closeObjects forbids fields that an object does not list.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, has := v["properties"]; has && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range v {
			closeObjects(inner)
		}
	}
}

// check holds a JSON text against a schema of the document.
func (c *contract) check(t *testing.T, ref string, raw []byte) {
	t.Helper()
	schema := c.schemas[ref]
	if schema == nil {
		var err error
		if schema, err = c.compiler.Compile("openapi.json" + ref); err != nil {
			t.Fatalf("%s: %v", ref, err)
		}
		c.schemas[ref] = schema
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Errorf("%v: %s", err, raw)
		return
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("not as %s says: %v\n%s", ref, err, raw)
	}
}

// match finds the path of the document that a request's path means.
func (c *contract) match(path string) string {
	want := strings.Split(path, "/")
	for known := range c.paths {
		parts := strings.Split(known, "/")
		if len(parts) == len(want) && fits(parts, want) {
			return known
		}
	}
	return ""
}

func fits(parts, want []string) bool {
	for i := range parts {
		if parts[i] != want[i] && !strings.HasPrefix(parts[i], "{") {
			return false
		}
	}
	return true
}

// answer holds an answer against the document: its status, type, body, problem
// code and the headers that every answer has.
func (c *contract) answer(t *testing.T, req *http.Request, a answer) {
	t.Helper()
	where := req.Method + " " + req.URL.Path
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", where, name, got, want)
		}
	}
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s: the answer has %s", where, name)
		}
	}
	if a.status >= 300 {
		c.problem(t, where, req, a)
		return
	}
	op, ok := c.paths[c.match(req.URL.Path)][strings.Replace(req.Method, "HEAD", "GET", 1)]
	if !ok {
		t.Errorf("%s answers %d and is not in the document", where, a.status)
		return
	}
	response, ok := op.Responses[fmt.Sprint(a.status)]
	if !ok {
		t.Errorf("%s: status %d is not in the document", where, a.status)
		return
	}
	content, ok := response.Content[a.header.Get("Content-Type")]
	if !ok {
		t.Errorf("%s: type %q is not in the document", where, a.header.Get("Content-Type"))
		return
	}
	if content.Schema.Ref != "" && req.Method != http.MethodHead {
		c.check(t, content.Schema.Ref, a.body)
	}
}

func (c *contract) problem(t *testing.T, where string, req *http.Request, a answer) {
	t.Helper()
	if got := a.header.Get("Content-Type"); got != wire.ProblemType {
		t.Errorf("%s: HTTP %d of type %q, want a problem: %s", where, a.status, got, a.body)
		return
	}
	if req.Method == http.MethodHead {
		return
	}
	c.check(t, "#/components/schemas/Problem", a.body)
	var p wire.Problem
	a.decode(t, &p)
	if p.Status != a.status {
		t.Errorf("%s: the problem says %d, the answer %d", where, p.Status, a.status)
	}
	op, ok := c.paths[c.match(req.URL.Path)][req.Method]
	if ok && !slices.Contains(op.Codes, p.Code) && p.Code != wire.CodeMethodNotAllowed && p.Code != wire.CodeNotFound {
		t.Errorf("%s: problem %s is not among the operation's codes", where, p.Code)
	}
}

func TestTheDocumentAndTheRoutesAreTheSame(t *testing.T) {
	c := newContract(t)
	var documented []string
	for path, methods := range c.paths {
		for method := range methods {
			documented = append(documented, method+" "+path)
		}
	}
	routes := localapi.Routes()
	slices.Sort(documented)
	slices.Sort(routes)
	if !slices.Equal(documented, routes) {
		t.Errorf("documented %v\nrouted     %v", documented, routes)
	}
}

func TestTheDocumentKnowsEveryProblemCodeAndNoOther(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []string `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(localapi.Description(), &doc); err != nil {
		t.Fatal(err)
	}
	listed := doc.Components.Schemas["Problem"].Properties["code"].Enum
	for _, code := range wire.Codes() {
		if !slices.Contains(listed, string(code)) {
			t.Errorf("%s is not in the document", code)
		}
	}
	if len(listed) != len(wire.Codes()) {
		t.Errorf("the document lists %d codes, the API has %d", len(listed), len(wire.Codes()))
	}
	for path, methods := range newContract(t).paths {
		for method, op := range methods {
			for _, code := range op.Codes {
				if !slices.Contains(wire.Codes(), code) {
					t.Errorf("%s %s names the unknown code %s", method, path, code)
				}
			}
		}
	}
}

func TestEverySchemaOfTheDocumentCompiles(t *testing.T) {
	c := newContract(t)
	var doc struct {
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(localapi.Description(), &doc); err != nil {
		t.Fatal(err)
	}
	for name := range doc.Components.Schemas {
		if _, err := c.compiler.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheDocumentIsServed(t *testing.T) {
	run(t, func(b *bench) {
		a := b.call("GET", "/v1/openapi.json", "")
		if a.status != 200 || !bytes.Equal(a.body, localapi.Description()) {
			t.Errorf("HTTP %d, %d bytes", a.status, len(a.body))
		}
	})
}
