package admin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"posagent/internal/admin"
	"posagent/internal/admin/wire"
)

type operation struct {
	Role      string `json:"x-role"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema json.RawMessage `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
	Body struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			} `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Codes []wire.Code `json:"x-problem-codes"`
}

// document is openapi.json, made strict: what it does not mention must not be in
// an answer.
type document struct {
	paths    map[string]map[string]operation
	compiler *jsonschema.Compiler
	codes    []string
}

func newDocument(t *testing.T) *document {
	t.Helper()
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(admin.Description()))
	if err != nil {
		t.Fatal(err)
	}
	strict(raw)
	d := &document{paths: map[string]map[string]operation{}, compiler: jsonschema.NewCompiler()}
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource("openapi.json", raw); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]map[string]operation `json:"paths"`
		Components struct {
			Schemas struct {
				Problem struct {
					Properties struct {
						Code struct {
							Enum []string `json:"enum"`
						} `json:"code"`
					} `json:"properties"`
				}
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(admin.Description(), &doc); err != nil {
		t.Fatal(err)
	}
	d.paths, d.codes = doc.Paths, doc.Components.Schemas.Problem.Properties.Code.Enum
	return d
}

// strict forbids fields that an object of this API does not list.
func strict(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, has := v["properties"]; has && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			strict(inner)
		}
	case []any:
		for _, inner := range v {
			strict(inner)
		}
	}
}

// fits holds JSON against the schema at a place of the document.
func (d *document) fits(t *testing.T, where, place string, body []byte) {
	t.Helper()
	schema, err := d.compiler.Compile("openapi.json#" + place)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		t.Errorf("%s: %v\n%s", where, err, body)
	}
}

func escaped(path string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(path)
}

func TestTheDocumentAndTheRoutesAreTheSame(t *testing.T) {
	var documented []string
	for path, methods := range newDocument(t).paths {
		for method, op := range methods {
			documented = append(documented, strings.ToUpper(method)+" "+path)
			if op.Role == "" {
				t.Errorf("%s %s: without a role", method, path)
			}
		}
	}
	routes := admin.Routes()
	slices.Sort(documented)
	slices.Sort(routes)
	if !slices.Equal(documented, routes) {
		t.Errorf("documented %v\nrouted     %v", documented, routes)
	}
}

func TestTheDocumentKnowsEveryProblemCodeAndNoOther(t *testing.T) {
	d := newDocument(t)
	var codes []string
	for _, c := range wire.Codes() {
		codes = append(codes, string(c))
	}
	if !slices.Equal(d.codes, codes) {
		t.Errorf("documented %v\nused       %v", d.codes, codes)
	}
}

func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	d := newDocument(t)
	s := newStand(t)
	who := s.all()
	for _, call := range []struct{ method, path, pattern, body string }{
		{"GET", "/-/healthy", "", ""},
		{"GET", "/-/ready", "", ""},
		{"GET", "/v1/admin/version", "", ""},
		{"GET", "/v1/admin/status", "", ""},
		{"GET", "/v1/admin/attention", "", ""},
		{"POST", "/v1/admin/drain", "", `{"wait":"1s","keep":true}`},
		{"POST", "/v1/admin/resume", "", `{}`},
		{"POST", "/v1/admin/reload", "", `{}`},
		{"PUT", "/v1/admin/log-level", "", `{"level":"debug","for":"5m"}`},
		{"GET", "/v1/admin/log-level", "", ""},
		{"POST", "/v1/admin/journal/verify", "", `{}`},
		{"POST", "/v1/admin/sales/R-1/resolve", "/v1/admin/sales/{saleId}/resolve", `{"result":"paid","note":"seen"}`},
		{"GET", "/v1/admin/audit", "", ""},
	} {
		pattern := call.pattern
		if pattern == "" {
			pattern = call.path
		}
		where := call.method + " " + call.path
		op := d.paths[pattern][strings.ToLower(call.method)]
		if call.body != "" {
			d.fits(t, where+", request", strings.TrimPrefix(op.Body.Content["application/json"].Schema.Ref, "#"), []byte(call.body))
		}
		a := who.do(call.method, call.path, call.body)
		kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
		if _, ok := op.Responses[fmt.Sprint(a.status)].Content[kind]; !ok {
			t.Errorf("%s: %d of type %q is not in the document", where, a.status, kind)
			continue
		}
		d.fits(t, where, fmt.Sprintf("/paths/%s/%s/responses/%d/content/application~1json/schema", escaped(pattern), strings.ToLower(call.method), a.status), a.body)
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", where, name, got, want)
			}
		}
	}
	for path, kind := range map[string]string{"/v1/admin/journal/backup": "application/octet-stream", "/v1/admin/support-bundle": "application/zip"} {
		a := who.do("POST", path, "")
		if _, ok := d.paths[path]["post"].Responses["200"].Content[kind]; !ok || a.header.Get("Content-Type") != kind {
			t.Errorf("%s: %q", path, a.header.Get("Content-Type"))
		}
	}
	if a := who.do("GET", "/v1/admin/openapi.json", ""); a.status != http.StatusOK || !bytes.Equal(a.body, admin.Description()) {
		t.Errorf("the document: %d, %d bytes", a.status, len(a.body))
	}
}

func TestProblemsAreAsTheDocumentSays(t *testing.T) {
	d := newDocument(t)
	s := newStand(t)
	who := s.all()
	for _, call := range [][3]string{
		{"POST", "/v1/admin/drain", `{"wait":"x"}`}, {"PUT", "/v1/admin/log-level", "x"}, {"GET", "/v1/admin/audit?limit=0", ""},
	} {
		a := who.do(call[0], call[1], call[2])
		d.fits(t, call[1], "/components/schemas/Problem", a.body)
		path, _, _ := strings.Cut(call[1], "?")
		if codes := d.paths[path][strings.ToLower(call[0])].Codes; !slices.Contains(codes, a.code()) {
			t.Errorf("%s: %s is not among %v", call[1], a.code(), codes)
		}
	}
}
