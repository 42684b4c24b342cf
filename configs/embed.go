// Package configs holds the annotated example of the configuration, the one for the sandbox, and the JSON Schema, so
// that the program can print them where no file was installed.
package configs

import _ "embed"

// Example is the annotated example with every key and its default.
//
//go:embed posagent.toml
var Example string

// Sandbox is the example for the simulated gateway.
//
//go:embed sandbox.toml
var Sandbox string

// Schema is the JSON Schema of the configuration. It is made from the structs of internal/config by its tests.
//
//go:embed posagent.schema.json
var Schema string
