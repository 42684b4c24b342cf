package config

import "posagent/configs"

// Schema is the JSON Schema (draft 2020-12) of a configuration file, for editors and for checks before a roll-out. No
// key is required in it, as any may come from another layer.
func Schema() []byte { return []byte(configs.Schema) }

// Example is the annotated example: every key, its default, meaning and unit.
func Example() []byte { return []byte(configs.Example) }
