// Package words has the texts of the cashier's window in six languages: its own,
// such as labels of buttons, and those that the local API names by a key or code,
// from the cashier's catalogue. Amounts and times are written as they are read in
// the language.
//
// A text is of one language. Where the API names something that has no words here,
// such as a notice of a newer program, it is shown whole in the API's own English.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"posagent/offline/cashier"
)

//go:embed lang/*.json
var files embed.FS

// Words are the texts of one language. They do not change and may be used by any
// goroutine.
type Words struct {
	lang  cashier.Lang
	texts map[string]string
	told  *cashier.Translation
}

// New reads the texts of a language in about a millisecond. It fails for a language
// that is not in cashier.Langs: see Match.
func New(lang cashier.Lang) (*Words, error) {
	told, err := cashier.Translate(lang)
	if err != nil {
		return nil, err
	}
	name := "lang/" + string(lang) + ".json"
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the window's words: %w", err)
	}
	w := &Words{lang: lang, told: told}
	if err := json.Unmarshal(data, &w.texts); err != nil {
		return nil, fmt.Errorf("the window's words: %s: %w", name, err)
	}
	return w, nil
}

// Lang is the language of the texts.
func (w *Words) Lang() cashier.Lang { return w.lang }

// T is a text of the window by its key. Arguments go where the text has %[1]s,
// %[2]s and so on. A key without a text is shown itself, so that a button is never
// blank.
func (w *Words) T(key string, args ...any) string {
	text, ok := w.texts[key]
	switch {
	case !ok:
		return key
	case len(args) == 0:
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Keys lists the keys of T, sorted.
func (w *Words) Keys() []string { return slices.Sorted(maps.Keys(w.texts)) }
