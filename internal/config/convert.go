package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"posagent/internal/keystore"
)

// misfit is a value that does not go into its key.
type misfit struct{ problem, remedy string }

// convert makes the Go value of an entry's key.
func (e entry) convert() (reflect.Value, *misfit) {
	if text, ok := e.value.(string); ok && holdsSecret(text) {
		return reflect.Value{}, &misfit{"a key stands here as a value", secretRemedy}
	}
	t := e.leaf.typ
	switch {
	case t == durationType:
		return e.duration()
	case t.Kind() == reflect.String:
		return e.word(t)
	case t.Kind() == reflect.Int:
		return e.integer()
	case t.Kind() == reflect.Bool:
		return e.boolean()
	default:
		return reflect.Value{}, &misfit{"keys of type " + t.String() + " cannot be read", "report this as a defect"}
	}
}

func (e entry) duration() (reflect.Value, *misfit) {
	const units = `write a number with a unit in quotes, for example "300ms", "5s", "2m", "1h", "400d"`
	switch v := e.value.(type) {
	case string:
		d, err := ParseDuration(v)
		if err != nil {
			return reflect.Value{}, &misfit{quote(v) + " is not a duration", units}
		}
		return reflect.ValueOf(d), nil
	case int64:
		return reflect.Value{}, &misfit{fmt.Sprintf("the number %d has no unit", v), units}
	default:
		return reflect.Value{}, &misfit{"is " + kindName(v) + ", but should be a duration", units}
	}
}

func (e entry) word(t reflect.Type) (reflect.Value, *misfit) {
	text, ok := e.value.(string)
	if !ok {
		return reflect.Value{}, &misfit{"is " + kindName(e.value) + ", but should be a text", "write it in quotes"}
	}
	if words := wordsOf(t); words != nil && !contains(words, text) {
		remedy := "it can be " + strings.Join(words, ", ")
		if near := nearest(text, words); near != "" {
			remedy = "did you mean " + near + "? " + remedy
		}
		return reflect.Value{}, &misfit{quote(text) + " is not known here", remedy}
	}
	return reflect.ValueOf(resolve(e.leaf.path, e.dir, text)).Convert(t), nil
}

func (e entry) integer() (reflect.Value, *misfit) {
	const remedy = "write digits without quotes, for example 5"
	switch v := e.value.(type) {
	case int64:
		if int64(int(v)) != v {
			return reflect.Value{}, &misfit{"is out of range", remedy}
		}
		return reflect.ValueOf(int(v)), nil
	case string:
		if n, err := strconv.Atoi(v); e.text && err == nil {
			return reflect.ValueOf(n), nil
		}
		return reflect.Value{}, &misfit{"the text " + quote(v) + " is not a whole number", remedy}
	default:
		return reflect.Value{}, &misfit{"is " + kindName(v) + ", but should be a whole number", remedy}
	}
}

func (e entry) boolean() (reflect.Value, *misfit) {
	const remedy = "write true or false, without quotes"
	switch v := e.value.(type) {
	case bool:
		return reflect.ValueOf(v), nil
	case string:
		if e.text && (v == "true" || v == "false") {
			return reflect.ValueOf(v == "true"), nil
		}
		return reflect.Value{}, &misfit{quote(v) + " is not true or false", remedy}
	default:
		return reflect.Value{}, &misfit{"is " + kindName(v) + ", but should be true or false", remedy}
	}
}

// resolve makes a path absolute against dir, where it is one.
func resolve(kind pathKind, dir, value string) string {
	switch {
	case kind == pathNone || value == "" || dir == "" || filepath.IsAbs(value):
		return value
	case kind == pathKey && keystore.IsCredential(value):
		return value
	case kind == pathSocket && runtime.GOOS == "windows" && strings.HasPrefix(value, `\\`):
		return value
	case kind == pathPort && !strings.HasPrefix(value, "./") && !strings.HasPrefix(value, "../"):
		return value
	default:
		return filepath.Join(dir, value)
	}
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// kindName is what a person would call a TOML value.
func kindName(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case int64:
		return "a whole number"
	case float64:
		return "a decimal number"
	case bool:
		return "true or false"
	case map[string]any:
		return "a table"
	case []any:
		return "a list"
	case toml.LocalDate, toml.LocalTime, toml.LocalDateTime:
		return "a date or time"
	default:
		return "a date"
	}
}
