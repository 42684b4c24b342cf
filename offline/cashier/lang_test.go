package cashier

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// source is the English catalogue as the translations were made from it.
const source = "testdata/en.json"

var update = flag.Bool("update", false, "write testdata/en.json anew")

func translation(t *testing.T, lang Lang) *Translation {
	t.Helper()
	tr, err := Translate(lang)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func others() []Lang { return Langs()[1:] }

func isExtra(key string) bool {
	return strings.HasPrefix(key, NoticePrefix) || strings.HasPrefix(key, WarningPrefix) || strings.HasPrefix(key, ScannerPrefix)
}

// each calls f for every part of every text of a language but notices and warnings,
// unless extras asks for those too.
func each(t *testing.T, lang Lang, extras bool, f func(key, part, s string)) {
	t.Helper()
	tr := translation(t, lang)
	for _, key := range tr.Keys() {
		if isExtra(key) && !extras {
			continue
		}
		text, _ := tr.Find(key)
		for part, s := range parts(text) {
			if s != "" {
				f(key, part, s)
			}
		}
	}
}

// TestTranslationsWereMadeFromTheEnglishTexts fails when an English text changes, as
// the translations then say something else. Look at that key in each file of lang,
// then run: go test ./offline/cashier -run Translations -update
func TestTranslationsWereMadeFromTheEnglishTexts(t *testing.T) {
	now := map[string]words{}
	for _, e := range catalogue() {
		now[e.key] = words{e.Title, e.Money, e.Action, e.Say}
	}
	if *update {
		data, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(source, append(data, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	then := map[string]words{}
	if err := json.Unmarshal(data, &then); err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if now[key] != then[key] {
			t.Errorf("%s: the English is %+v, the translations were made from %+v: look at them, then run with -update", key, now[key], then[key])
		}
	}
	for key := range then {
		if _, ok := now[key]; !ok {
			t.Errorf("%s is no key any more: run with -update", key)
		}
	}
}

func TestEveryLanguageHasEveryKeyAndNoOther(t *testing.T) {
	extras := map[string]Lang{}
	for _, lang := range others() {
		tr := translation(t, lang)
		have := map[string]bool{}
		for _, key := range tr.Keys() {
			have[key] = true
			if isExtra(key) {
				extras[key] = lang
			} else if _, ok := find(key); !ok {
				t.Errorf("%s: %s is no key of the catalogue", lang, key)
			}
		}
		for _, key := range Keys() {
			if !have[key] {
				t.Errorf("%s: %s has no words", lang, key)
			}
		}
	}
	for key, from := range extras {
		for _, lang := range others() {
			if _, ok := translation(t, lang).Find(key); !ok {
				t.Errorf("%s: no %s, which %s has", lang, key, from)
			}
		}
	}
}

// limits are how many characters of a language fit where 40 and 160 English ones do.
// Marks above and below a letter take no room.
func limits(lang Lang) (title, body int) {
	switch lang {
	case SimplifiedChinese, TraditionalChinese:
		return 20, 90
	case Japanese:
		return 20, 100
	case Korean:
		return 24, 110
	}
	return 40, 160
}

func width(s string) int {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Mn, r) {
			n++
		}
	}
	return n
}

func TestEveryTranslatedTextFitsTheScreen(t *testing.T) {
	for _, lang := range others() {
		tr := translation(t, lang)
		title, body := limits(lang)
		for _, key := range tr.Keys() {
			text, _ := tr.Find(key)
			for part, s := range parts(text) {
				limit := body
				if part == "title" {
					limit = title
				}
				empty := s == "" && isExtra(key) && (part == "say" || part == "action")
				if n := width(s); (n == 0 && !empty) || n > limit || s != strings.TrimSpace(s) || strings.Contains(s, "  ") {
					t.Errorf("%s %s: %s has %d characters of at most %d: %q", lang, key, part, n, limit, s)
				}
			}
		}
	}
}

func TestTranslatedSentencesAreEnded(t *testing.T) {
	end := map[Lang]*regexp.Regexp{
		SimplifiedChinese:  regexp.MustCompile(`[。？]$`),
		TraditionalChinese: regexp.MustCompile(`[。？]$`),
		Japanese:           regexp.MustCompile(`[。？]$`),
		Korean:             regexp.MustCompile(`[.?]$`),
		Thai:               regexp.MustCompile(`[^.。?？]$`), // Thai has no full stop
	}
	for _, lang := range others() {
		each(t, lang, true, func(key, part, s string) {
			if ended := end[lang].MatchString(s) || strings.HasSuffix(s, Support); (part == "title") == ended && lang != Thai || part != "title" && !ended {
				t.Errorf("%s %s: %s: %q", lang, key, part, s)
			}
		})
	}
}

// foreign are letters that a language does not have. Latin ones are judged apart.
func foreign(lang Lang) []*unicode.RangeTable {
	all := map[Lang][]*unicode.RangeTable{
		SimplifiedChinese: {unicode.Han}, TraditionalChinese: {unicode.Han},
		Japanese: {unicode.Han, unicode.Hiragana, unicode.Katakana},
		Korean:   {unicode.Hangul}, Thai: {unicode.Thai},
	}
	var list []*unicode.RangeTable
	for _, table := range []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai} {
		if !slices.Contains(all[lang], table) {
			list = append(list, table)
		}
	}
	return list
}

func TestEveryTextIsOfItsLanguageAlone(t *testing.T) {
	latin := regexp.MustCompile(`[A-Za-z]+`)
	usual := regexp.MustCompile(`^(Alipay|WeChat|UnionPay|Union|PayPay|LINE|Rakuten|Barai|Merpay|au|PAY|Pay|Ginko|Taiwan|QR|EAN|UPC|ITF|ISBN|ISSN|GS|SSCC|IT|ID|MB|d|posagent|doctor|journal|verify|repair|admin|resume)$`)
	// Letters that one way of writing Chinese has and the other does not.
	const simplified, traditional = "银请顾额钱贝门时间问题们应开关无网络错误显后个这发单查询确认码机没还维", "銀請顧額錢貝門時間問題們應開關無網絡錯誤顯後個這發單查詢確認碼機沒還維"
	wrong := map[Lang]string{}
	for i, r := range []rune(simplified) {
		if other := []rune(traditional)[i]; r != other {
			wrong[SimplifiedChinese] += string(other)
			wrong[TraditionalChinese] += string(r)
		}
	}
	for _, lang := range others() {
		each(t, lang, true, func(key, part, s string) {
			own := 0
			for _, r := range s {
				if unicode.In(r, foreign(lang)...) || strings.ContainsRune(wrong[lang], r) {
					t.Errorf("%s %s: %s: %q is of another language: %q", lang, key, part, r, s)
				}
				if unicode.IsLetter(r) && r > 0x2ff {
					own++
				}
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
					t.Errorf("%s %s: %s: control character %U", lang, key, part, r)
				}
			}
			if own == 0 {
				t.Errorf("%s %s: %s is not translated: %q", lang, key, part, s)
			}
			rest := regexp.MustCompile(`\{(name|time|sale|subject)\}`).ReplaceAllString(strings.ReplaceAll(s, Support, ""), "")
			for _, w := range latin.FindAllString(rest, -1) {
				if !usual.MatchString(w) {
					t.Errorf("%s %s: %s: %q is not translated: %q", lang, key, part, w, s)
				}
			}
		})
	}
}

func TestTheSupportAddressIsThereInEveryLanguage(t *testing.T) {
	for _, lang := range others() {
		tr := translation(t, lang)
		for _, e := range catalogue() {
			if got, want := strings.Contains(tr.Words(e.key).Action, Support), strings.Contains(e.Action, Support); got != want {
				t.Errorf("%s %s: the address is there: %v, in English: %v", lang, e.key, got, want)
			}
		}
	}
}

func TestUnknownKeysGetTheNearestWordsInTheSameLanguage(t *testing.T) {
	for _, lang := range Langs() {
		tr := translation(t, lang)
		for key, want := range map[string]string{
			"reversing.new_reason":          "reversing",
			"refund.attention.new.and.deep": "refund.attention",
			"unheard_of":                    "attention",
			"":                              "attention",
		} {
			text, ok := tr.Find(want)
			if got := tr.Words(key); got != text || !ok || In(lang, key) != text {
				t.Errorf("%s %q: %+v", lang, key, got)
			}
		}
	}
}

func TestALanguageThatIsNotThereIsAnErrorAndEnglishInAHurry(t *testing.T) {
	if tr, err := Translate("fr"); err == nil || !strings.Contains(err.Error(), "zh-Hant") {
		t.Errorf("%+v, %v", tr, err)
	}
	if In("fr", "paid") != Words("paid") {
		t.Error("no words at all")
	}
	for _, lang := range Langs() {
		if lang.Name() == string(lang) || translation(t, lang).Lang() != lang {
			t.Errorf("%s has no name", lang)
		}
	}
}

func BenchmarkTranslate(b *testing.B) {
	for b.Loop() {
		if _, err := Translate(Thai); err != nil {
			b.Fatal(err)
		}
	}
}
