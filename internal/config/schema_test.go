package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/pelletier/go-toml/v2"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"posagent/configs"
)

var update = flag.Bool("update", false, "write configs/posagent.schema.json anew")

const (
	schemaPath      = "../../configs/posagent.schema.json"
	durationUnits   = `(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))`
	durationPattern = `^(\d{1,6}d` + durationUnits + `*|` + durationUnits + `+)$`
)

// generateSchema makes the schema of the structs: their doc comments, words, limits and defaults.
func generateSchema(t *testing.T) []byte {
	t.Helper()
	r := &jsonschema.Reflector{
		FieldNameTag: "toml", RequiredFromJSONSchemaTags: true, DoNotReference: true, Anonymous: true,
		Mapper: func(rt reflect.Type) *jsonschema.Schema {
			switch {
			case rt == durationType:
				return &jsonschema.Schema{Type: "string", Pattern: durationPattern}
			case wordsOf(rt) != nil:
				s := &jsonschema.Schema{Type: "string"}
				for _, w := range wordsOf(rt) {
					s.Enum = append(s.Enum, w)
				}
				return s
			case rt.Kind() == reflect.String:
				return &jsonschema.Schema{Type: "string"}
			}
			return nil
		},
	}
	if err := r.AddGoComments("posagent/internal/config", ".", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	schema := r.Reflect(&Config{})
	schema.Title = "Configuration of posagent"
	defaults := Default()
	for _, s := range sections() {
		table, ok := schema.Properties.Get(s.name)
		if !ok {
			t.Fatalf("the schema has no %s", s.name)
		}
		value := reflect.ValueOf(&defaults).Elem().Field(s.index)
		if s.list {
			table, value = table.Items, reflect.ValueOf(DefaultScanner())
		}
		for _, l := range s.leaves {
			refine(t, table, l, value.FieldByIndex(l.index))
		}
	}
	data, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

// refine adds what the library cannot know: limits and default.
func refine(t *testing.T, table *jsonschema.Schema, l leaf, value reflect.Value) {
	t.Helper()
	property := table
	for part := range strings.SplitSeq(l.name, ".") {
		inner, ok := property.Properties.Get(part)
		if !ok {
			t.Fatalf("the schema has no %s", l.name)
		}
		property = inner
	}
	if property.Description == "" {
		t.Errorf("%s has no doc comment", l.name)
	}
	property.Description = strings.Join(strings.Fields(property.Description), " ")
	if l.min != "" && value.Kind() == reflect.Int {
		property.Minimum, property.Maximum = json.Number(l.min), json.Number(l.max)
	}
	// Paths differ between systems, and an empty text says nothing.
	if !value.IsZero() && l.path == pathNone {
		property.Default = printable(value)
	}
}

func TestTheSchemaIsCurrent(t *testing.T) {
	want := generateSchema(t)
	if *update {
		if err := os.WriteFile(schemaPath, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("configs/posagent.schema.json is not what the structs say; run go test ./internal/config -run Schema -update")
	}
}

// validate checks TOML text against the schema that is shipped.
func validate(t *testing.T, text string) error {
	t.Helper()
	schema, err := validator.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := validator.NewCompiler()
	if err := compiler.AddResource("posagent.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("posagent.json")
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := toml.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	document, err := validator.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(document)
}

func TestTheExamplesFollowTheSchema(t *testing.T) {
	for name, text := range map[string]string{"example": configs.Example, "sandbox": configs.Sandbox, "empty": ""} {
		if err := validate(t, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSchemaRefusesWhatTheLoaderRefuses(t *testing.T) {
	for _, text := range []string{
		"[terminal]\nstroe_id = \"S01\"", "[gatway]\ntimeout = \"1s\"", "[gateway]\ntimeout = 10", "[gateway]\ntimeout = \"5 s\"", "[gateway]\ntimeout = \"\"",
		"[policy]\ncancel_retries = 2", "[policy]\ncancel_retries = 6", "[terminal]\nlanguage = \"xx\"", "[terminal]\nmcc = 5411",
		"[scanner]\ntype = \"serial\"", "[[scanner]]\ntype = \"x\"\nport = \"y\"", "[[scanner]]\ntype = \"serial\"\nport = \"y\"\nmatch.vdi = \"0c2e\"",
	} {
		if validate(t, text) == nil {
			t.Errorf("the schema takes %s", strconv.Quote(text))
		}
		if got := faultsOf(t, map[string]string{"posagent.toml": text}, Options{}); len(got) == 0 {
			t.Errorf("the loader takes %s", strconv.Quote(text))
		}
	}
}
