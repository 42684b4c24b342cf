package phrase

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"posagent/offline/cashier"
	"posagent/ui/words"
)

func TestALineEndsBetweenPhrases(t *testing.T) {
	for _, row := range []struct{ name, want string }{
		{"after a particle", "お客様の|コードを|スキャン"},
		{"not within a word of two verbs", "取り消しが|拒否されました"},
		{"not behind a prefix of politeness", "レシートを|お渡し|ください。"},
		{"before a word in hiragana that begins a phrase", "商品は|まだ|渡さず、|結果を|お待ち|ください。"},
		{"a name of two words stays whole", "WeChat Payの|コード"},
		{"Latin letters stay with their particle", "Alipayに|照会中です"},
		{"Korean between words", "고객의 |코드를 |스캔하세요"},
		{"Chinese where the rules of its script allow it", "请|先|不|要|交|出|商|品。|好"},
		{"but not within a label", "重新打印"},
		{"nor within a word before a number", "未完了：|3 |件"},
		{"English between words", "Keep |the |goods."},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := strings.Join(Split(strings.ReplaceAll(row.want, "|", "")), "|"); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestAThaiVowelStaysWithItsConsonant(t *testing.T) {
	for _, row := range []struct {
		before, next string
		want         bool
	}{
		{"ก", "รุ", true}, {"เ", "รี", false}, {"ช", "ำ", false}, {"น", "า", false}, {"a", "b", true}, {"ก", " ", true},
	} {
		if got := Within(row.before, row.next); got != row.want {
			t.Errorf("a break between %q and %q is allowed: %v", row.before, row.next, got)
		}
	}
}

var update = flag.Bool("update", false, "write the phrases of the Japanese texts anew")

// A reader of Japanese has to look at what changes in this file.
func TestThePhrasesOfEveryJapaneseTextAreThoseThatWereLookedAt(t *testing.T) {
	const file = "testdata/ja.json"
	got := japanese(t)
	if *update {
		body, err := json.MarshalIndent(got, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(body, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	for _, text := range got {
		if !slices.Contains(want, text) {
			t.Errorf("%s: not in %s; look at it, then write it with -update", text, file)
		}
	}
	if len(want) != len(got) {
		t.Errorf("%s has %d texts, the catalogue %d", file, len(want), len(got))
	}
}

// japanese are all texts that have more than one phrase.
func japanese(t *testing.T) []string {
	t.Helper()
	w, err := words.New(cashier.Japanese)
	if err != nil {
		t.Fatal(err)
	}
	told, err := cashier.Translate(cashier.Japanese)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	add := func(texts ...string) {
		for _, text := range texts {
			if pieces := Split(text); len(pieces) > 1 {
				all = append(all, strings.Join(pieces, "|"))
			}
		}
	}
	for _, key := range w.Keys() {
		add(w.T(key))
	}
	for _, key := range told.Keys() {
		text, _ := told.Find(key)
		add(text.Title, text.Money, text.Action, text.Say)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func FuzzSplitLosesNothing(f *testing.F) {
	f.Add("商品はまだ渡さず、結果をお待ちください。")
	f.Add("고객의 코드를 스캔하세요")
	f.Fuzz(func(t *testing.T, text string) {
		if utf8.ValidString(text) && len(text) < 500 && strings.Join(Split(text), "") != text {
			t.Errorf("%q became %q", text, Split(text))
		}
	})
}
