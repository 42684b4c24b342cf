// Package phrase finds the places where a line of a screen may end. The rules of the
// scripts (UAX #14) allow a break between nearly all Japanese and Korean characters,
// which tears words apart where lines are short and letters large. Here Japanese is
// broken between phrases and Korean between words, as sign painters do.
package phrase

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
)

// Split cuts a text into the pieces that stay on one line each, in order; together
// they are the text. Its script tells the language: no other one has kana or Hangul.
func Split(text string) []string {
	var pieces []string
	whole := keeper(text)
	at := 0
	for _, next := range Legal(text) {
		if n := len(pieces); n > 0 && whole(at) {
			pieces[n-1] += next
		} else {
			pieces = append(pieces, next)
		}
		at += len(next)
	}
	return pieces
}

// Legal cuts a text, or a piece of one, wherever the rules of its script allow it: for
// a piece that is longer than a line.
func Legal(text string) []string {
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	var pieces []string
	for lines := seg.LineIterator(); lines.Next(); {
		pieces = append(pieces, string(lines.Line().Text))
	}
	return pieces
}

// word is up to how many Chinese characters that stand alone are taken for one word,
// such as on a button.
const word = 5

// keeper tells whether what stands at both sides of a byte of the text stays
// together.
func keeper(text string) func(at int) bool {
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }):
		inner := inside(text)
		return func(at int) bool { return inner[at] || !phraseEnds(text, at) }
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }):
		return func(at int) bool {
			before, _ := utf8.DecodeLastRuneInString(text[:at])
			return unicode.Is(unicode.Hangul, before)
		}
	}
	return func(at int) bool { return run(text, at) <= word }
}

// run is how many Chinese characters stand together around a byte of the text; without
// any at both sides of it, more than a word has.
func run(text string, at int) int {
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	before := len(text[:at]) - len(strings.TrimRightFunc(text[:at], han))
	after := len(text[at:]) - len(strings.TrimLeftFunc(text[at:], han))
	if before == 0 || after == 0 {
		return word + 1
	}
	return utf8.RuneCountInString(text[at-before : at+after])
}

// Within tells whether Thai, which is written without spaces between words, may be
// broken between two characters where a whole word does not fit. A vowel that is
// written before its consonant stays with it, and so does one that is written after.
func Within(before, next string) bool {
	b, _ := utf8.DecodeLastRuneInString(before)
	n, _ := utf8.DecodeRuneInString(next)
	if !unicode.Is(unicode.Thai, b) || !unicode.Is(unicode.Thai, n) {
		return true
	}
	first, _ := utf8.DecodeRuneInString(before)
	return !strings.ContainsRune("เแโใไ", first) && !strings.ContainsRune("ะาำๅๆฯ", n)
}

// phraseEnds tells whether a Japanese phrase ends before a byte of the text. Phrases
// mostly begin with a word in Chinese characters, katakana or Latin letters and end
// with what is written in hiragana: particles and endings.
func phraseEnds(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	switch {
	case !letter(before) || !letter(after):
		return true // the script's own rule stands: behind a full stop, at a space
	case before == 'お' || before == 'ご':
		return false // a prefix of politeness
	case after == 'お' || after == 'ご':
		next, _ := utf8.DecodeRuneInString(text[at+utf8.RuneLen(after):])
		return unicode.Is(unicode.Han, next)
	case unicode.Is(unicode.Hiragana, after):
		for _, word := range begins() {
			if strings.HasPrefix(text[at:], word) {
				return true
			}
		}
		return false
	}
	return unicode.Is(unicode.Hiragana, before)
}

func letter(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// inside marks the bytes of a text that lie within a word of kept.
func inside(text string) map[int]bool {
	marks := map[int]bool{}
	for _, word := range kept() {
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			for j := 1; j < len(word); j++ {
				marks[from+i+j] = true
			}
			from += i + len(word)
		}
	}
	return marks
}

// begins are words in hiragana that begin a phrase.
func begins() []string {
	return []string{
		"まだ", "もう", "すでに", "しばらく", "また", "ください", "いつでも", "しないで", "すべて", "なさい", "よろしい", "はっきり",
		"この", "これ以上", "こちら", "やり直", "あります", "ありません", "ございます", "ございません",
	}
}

// kept are words with hiragana or a space within, which no line tears apart.
func kept() []string {
	return []string{
		"取り消し済", "取り消し中", "取り消し後", "取り消", "受け付", "受け取り済", "受け取", "引き落", "読み取", "読み込み中", "読めない", "問い合わせ先", "問い合わせ用",
		"問い合わせ", "やり直", "引き継", "繰り返", "差し直", "書き込", "締め済", "手続き中", "支払い済", "支払い中", "支払い", "d払い", "でき次第", "空き容量",
		"これ以上", "その間", "その後", "その額", "送り先", "LINE Pay", "WeChat Pay", "au PAY",
	}
}
