package cashier

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Lang is a language of the catalogue, as a BCP 47 tag.
type Lang string

// The languages. Texts of English are this package's own; the others' are in the
// folder lang, one file each.
const (
	English            Lang = "en"
	SimplifiedChinese  Lang = "zh-Hans"
	TraditionalChinese Lang = "zh-Hant"
	Japanese           Lang = "ja"
	Korean             Lang = "ko"
	Thai               Lang = "th"
)

// Langs lists all languages, English first.
func Langs() []Lang {
	return []Lang{English, SimplifiedChinese, TraditionalChinese, Japanese, Korean, Thai}
}

// Name is the language's name in itself, for choosing from a list.
func (l Lang) Name() string {
	switch l {
	case English:
		return "English"
	case SimplifiedChinese:
		return "简体中文"
	case TraditionalChinese:
		return "繁體中文"
	case Japanese:
		return "日本語"
	case Korean:
		return "한국어"
	case Thai:
		return "ไทย"
	}
	return string(l)
}

//go:embed lang/*.json
var langFiles embed.FS

// Beside the words of sales and refunds a translation has those that the local API
// gives in English with a stable code. Their keys are one of these and the code;
// What stands in Money, Do and Remedy in Action, Say is empty.
const (
	NoticePrefix  = "notice."  // a scan that was not used
	WarningPrefix = "warning." // what stands in the way
	ScannerPrefix = "scanner." // a scanner's state
)

// words is a Text as it stands in a file.
type words struct {
	Title  string `json:"title"`
	Money  string `json:"money"`
	Action string `json:"action,omitempty"`
	Say    string `json:"say,omitempty"`
}

// Translation is the catalogue in one language. It does not change and may be used
// by any goroutine.
type Translation struct {
	lang  Lang
	texts map[string]words // nil for English
}

// Translate reads the catalogue of a language, in about a millisecond. It fails for
// a language that is not in Langs.
func Translate(lang Lang) (*Translation, error) {
	if lang == English {
		return &Translation{lang: English}, nil
	}
	if !slices.Contains(Langs(), lang) {
		return nil, fmt.Errorf("the cashier's words are not there in %q: there are %q", lang, Langs())
	}
	name := "lang/" + string(lang) + ".json"
	data, err := langFiles.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the cashier's words: %w", err)
	}
	t := &Translation{lang: lang}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&t.texts); err != nil {
		return nil, fmt.Errorf("the cashier's words: %s: %w", name, err)
	}
	return t, nil
}

// Lang is the language of the texts.
func (t *Translation) Lang() Lang { return t.lang }

// Words is like the function Words, in the translation's language. A text is never
// of two languages.
func (t *Translation) Words(key string) Text {
	if t.texts == nil {
		return Words(key)
	}
	for k := key; k != ""; k = parent(k) {
		if text, ok := t.Find(k); ok {
			return text
		}
	}
	text, _ := t.Find("attention")
	return text
}

// Find returns the text of exactly this key, and whether there is one. In English
// there is none for notices, warnings and scanners: the local API's own words are
// the English ones.
func (t *Translation) Find(key string) (Text, bool) {
	if t.texts == nil {
		return find(key)
	}
	w, ok := t.texts[key]
	return Text{Title: w.Title, Money: w.Money, Action: w.Action, Say: w.Say}, ok
}

// Keys lists all keys of the translation, sorted.
func (t *Translation) Keys() []string {
	if t.texts == nil {
		return Keys()
	}
	return slices.Sorted(maps.Keys(t.texts))
}

// In returns one text of a key in a language, English for a language that is not in
// Langs. Whoever needs many takes a Translation.
func In(lang Lang, key string) Text {
	t, err := Translate(lang)
	if err != nil {
		return Words(key)
	}
	return t.Words(key)
}
