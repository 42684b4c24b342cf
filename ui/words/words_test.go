package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"posagent/offline/cashier"
	"posagent/ui/model"
)

var _ model.Words = (*Words)(nil)

func in(t *testing.T, lang cashier.Lang) *Words {
	t.Helper()
	w, err := New(lang)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// call is one call of a method T in the program's source.
type call struct {
	at   string
	key  string // "" if it is no literal
	args int
}

// inspect parses all files of the program below some folders, without tests.
func inspect(t *testing.T, visit func(at string, n ast.Node), folders ...string) {
	t.Helper()
	fset := token.NewFileSet()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if n != nil {
					visit(fset.Position(n.Pos()).String(), n)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func asked(t *testing.T) []call {
	t.Helper()
	var list []call
	inspect(t, func(at string, n ast.Node) {
		c, ok := n.(*ast.CallExpr)
		if !ok || len(c.Args) == 0 {
			return
		}
		if sel, ok := c.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "T" {
			key, _ := literal(c.Args[0])
			list = append(list, call{at, key, len(c.Args) - 1})
		}
	}, "..", "../../cmd")
	return list
}

var placeholder = regexp.MustCompile(`%\[(\d)\]s`)

// places are the numbers of a text's placeholders, each once.
func places(s string) []string {
	var list []string
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func TestEveryKeyThatTheWindowAsksForHasATextInEveryLanguage(t *testing.T) {
	calls := asked(t)
	if len(calls) < 200 {
		t.Fatalf("%d calls found: the search looks in the wrong place", len(calls))
	}
	used := map[string]bool{}
	for _, c := range calls {
		used[c.key] = true
		for _, lang := range cashier.Langs() {
			text, ok := in(t, lang).texts[c.key]
			switch {
			case c.key == "":
				t.Errorf("%s: a key that is put together cannot be checked: write it out", c.at)
			case !ok:
				t.Errorf("%s: %s has no text in %s", c.at, c.key, lang)
			case len(places(text)) != c.args:
				t.Errorf("%s: %s is called with %d arguments, the text in %s is %q", c.at, c.key, c.args, lang, text)
			}
		}
	}
	for _, key := range in(t, cashier.English).Keys() {
		if !used[key] {
			t.Errorf("nobody asks for %s", key)
		}
	}
}

func TestAllLanguagesHaveTheSameKeysAndPlaceholders(t *testing.T) {
	en := in(t, cashier.English)
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		if !slices.Equal(w.Keys(), en.Keys()) {
			t.Errorf("%s has other keys than English", lang)
		}
		for _, key := range w.Keys() {
			got, want := places(w.texts[key]), places(en.texts[key])
			if !slices.Equal(got, want) {
				t.Errorf("%s %s: placeholders %q, in English %q", lang, key, got, want)
			}
			for i, n := range got {
				if n != strconv.Itoa(i+1) {
					t.Errorf("%s %s: placeholders %q leave one out", lang, key, got)
				}
			}
			if rest := placeholder.ReplaceAllString(w.texts[key], ""); strings.Contains(rest, "%") {
				t.Errorf("%s %s: a stray %%: %q", lang, key, w.texts[key])
			}
		}
	}
}

// cells is how much room a text takes, in widths of a Latin letter.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), r >= 0x3000 && r < 0x3040, r >= 0xff00 && r < 0xff60:
			n += 2
		default:
			n++
		}
	}
	return n
}

func TestTextsFitTheirPlaces(t *testing.T) {
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		for _, key := range w.Keys() {
			limit := 160
			switch kind, _, _ := strings.Cut(key, "."); {
			case kind == "button", kind == "label", kind == "cue", kind == "trail":
				limit = 24
			case kind == "indicator", kind == "countdown", kind == "totals":
				limit = 22
			case kind == "state":
				limit = 22
			case strings.HasSuffix(key, ".title"), kind == "customer":
				limit = 44
			}
			s := placeholder.ReplaceAllString(w.texts[key], "")
			if n := cells(s); n == 0 || n > limit || s != strings.Trim(s, "\t\n") {
				t.Errorf("%s %s takes %d of %d: %q", lang, key, n, limit, s)
			}
		}
	}
}

func TestEveryTextIsTranslatedAndOfItsLanguage(t *testing.T) {
	own := map[cashier.Lang][]*unicode.RangeTable{
		cashier.SimplifiedChinese: {unicode.Han}, cashier.TraditionalChinese: {unicode.Han},
		cashier.Japanese: {unicode.Han, unicode.Hiragana, unicode.Katakana},
		cashier.Korean:   {unicode.Hangul}, cashier.Thai: {unicode.Thai},
	}
	latin := regexp.MustCompile(`[A-Za-z]+`)
	same := []string{"list.page", "button.ok"} // digits, and what Japanese writes the same
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		for _, key := range w.Keys() {
			s := placeholder.ReplaceAllString(w.texts[key], "")
			found := false
			for _, r := range s {
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
					t.Errorf("%s %s: control character %U", lang, key, r)
				}
				if r < 0x250 || !unicode.IsLetter(r) {
					continue
				}
				found = true
				// The long vowel mark belongs to no script.
				if r != 'ー' && !unicode.In(r, own[lang]...) {
					t.Errorf("%s %s: %q is of another language: %q", lang, key, r, s)
				}
			}
			if lang == cashier.English {
				continue
			}
			if !found && !slices.Contains(same, key) {
				t.Errorf("%s %s is not translated: %q", lang, key, s)
			}
			for _, word := range latin.FindAllString(s, -1) {
				if !slices.Contains([]string{"Alipay", "IT", "PIN", "OK"}, word) {
					t.Errorf("%s %s: %q is not translated: %q", lang, key, word, s)
				}
			}
		}
	}
}

// TestNoWordOfTheWindowTellsAResult: the result is told by the API's message. These
// keys name a state that the API has told, or a choice of the cashier.
func TestNoWordOfTheWindowTellsAResult(t *testing.T) {
	named := regexp.MustCompile(`^(cue|state|customer|totals|refund|row|details|button|problem\.not_paid|trail)\b`)
	claim := map[cashier.Lang]*regexp.Regexp{
		cashier.English:            regexp.MustCompile(`(?i)\bpaid\b|\btaken from\b|\bwas taken\b|\bcharged\b|\bhand over the goods|succe`),
		cashier.SimplifiedChinese:  regexp.MustCompile(`已付款|已收款|成功|已扣款|没有扣款|未扣款|会退`),
		cashier.TraditionalChinese: regexp.MustCompile(`已付款|已收款|成功|已扣款|沒有扣款|未扣款|會退`),
		cashier.Japanese:           regexp.MustCompile(`支払い済み|受け取りました|成功|請求されました|返金されます|請求はありません`),
		cashier.Korean:             regexp.MustCompile(`결제 완료|받았습니다|성공|출금|반환됩니다`),
		cashier.Thai:               regexp.MustCompile(`ชำระเงินแล้ว|ได้รับเงิน|เรียบร้อย|ถูกตัดเงิน|ไม่มีการตัดเงิน|เงินจะคืน`),
	}
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		known := false
		for _, key := range w.Keys() {
			s := w.texts[key]
			if key == "training.band" { // nothing is moved there, whatever is shown
				s = strings.ReplaceAll(s, "実際の請求はありません", "")
			}
			m := claim[lang].FindString(s)
			known = known || key == "state.paid" && m != ""
			if m != "" && !named.MatchString(key) {
				t.Errorf("%s %s claims %q: %q", lang, key, m, w.texts[key])
			}
		}
		if !known {
			t.Errorf("%s: the claims do not know the word for paid", lang)
		}
	}
}

func TestAKeyWithoutATextIsShownItself(t *testing.T) {
	w := in(t, cashier.Japanese)
	if got := w.T("no.such_key", "x"); got != "no.such_key" {
		t.Errorf("%q", got)
	}
	if got := w.T("small.sale", "A-%d"); got != "販売 A-%d" {
		t.Errorf("%q", got)
	}
	if w.Lang() != cashier.Japanese {
		t.Error(w.Lang())
	}
	if w, err := New("fr"); err == nil {
		t.Errorf("%v", w)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(cashier.Thai); err != nil {
			b.Fatal(err)
		}
	}
}
