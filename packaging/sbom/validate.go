package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validate checks a bill of materials against CycloneDX's schema, which its Go
// library brings along.
func validate(bom []byte) error {
	dir, err := goTool("list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go")
	if err != nil {
		return err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(shelf(filepath.Join(strings.TrimSpace(dir), "schema")))
	schema, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		return fmt.Errorf("CycloneDX's schema: %w", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(bom))
	if err != nil {
		return err
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("the bill of materials is not as CycloneDX wants it: %w", err)
	}
	return nil
}

// shelf gives schemas by the last part of their address from a directory.
type shelf string

func (s shelf) Load(url string) (any, error) {
	name := url[strings.LastIndexByte(url, '/')+1:]
	body, err := os.ReadFile(filepath.Join(string(s), name))
	if os.IsNotExist(err) { // jsf-0.82 is stored as .schemax.json, since it is not CycloneDX's own
		body, err = os.ReadFile(filepath.Join(string(s), strings.Replace(name, ".schema.json", ".schemax.json", 1)))
	}
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(body))
}
