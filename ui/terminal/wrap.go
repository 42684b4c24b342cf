package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// width is how many cells a text takes: two for each Chinese, Japanese or Korean
// character, none for a vowel that stands above or below a Thai letter.
func width(text string) int { return uniseg.StringWidth(text) }

// safe replaces what a terminal would obey instead of draw: texts from outside (a
// supervisor's note, a gateway's message) must not move the cursor or turn the
// direction of writing.
func safe(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || r != '\u200b' && r != '\u200c' && r != '\u200d' && unicode.Is(unicode.Cf, r) {
			return '\ufffd'
		}
		return r
	}, text)
}

// wrap breaks a text into lines of at most w cells, where the rules of its script
// allow it (UAX #14). A word that is longer than a line is cut between characters.
func wrap(text string, w int) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	w = max(w, 2)
	var lines []string
	for part := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, wrapPart(safe(part), w)...)
	}
	return lines
}

func wrapPart(text string, w int) []string {
	var lines []string
	var start, allowed, soft place // of the line that grows: its begin, and the last places for a break
	var here place
	state, rest, before := -1, text, ""
	for rest != "" {
		var cluster string
		var bounds int
		cluster, rest, bounds, state = uniseg.StepString(rest, state)
		cells := bounds >> uniseg.ShiftWidth
		if thaiBreak(before, cluster) {
			soft = here
		}
		if here.used-start.used+cells > w && strings.TrimSpace(cluster) != "" && here.at > start.at {
			cut := here
			switch ragged := (allowed.used-start.used)*3 < w*2; {
			case allowed.at > start.at && !ragged:
				cut = allowed
			case soft.at > start.at && soft.at > allowed.at:
				cut = soft
			case allowed.at > start.at:
				cut = allowed
			}
			lines = append(lines, strings.TrimRight(text[start.at:cut.at], " "))
			start = cut
		}
		here.at += len(cluster)
		here.used += cells
		if bounds&uniseg.MaskLine != uniseg.LineDontBreak {
			allowed = here
		}
		before = cluster
	}
	return append(lines, strings.TrimRight(text[start.at:], " "))
}

// place is a place in a text: its byte, and the cells before it.
type place struct{ at, used int }

// thaiBreak tells whether a line may be broken between two characters of Thai, which
// is written without spaces between words: without a dictionary, a break between
// syllables is better than a line that is nearly empty. A vowel that is written
// before its consonant stays with it, and so does one that is written after it.
func thaiBreak(before, next string) bool {
	if before == "" {
		return false
	}
	b, _ := utf8.DecodeRuneInString(before)
	n, _ := utf8.DecodeRuneInString(next)
	return unicode.Is(unicode.Thai, b) && unicode.Is(unicode.Thai, n) &&
		!strings.ContainsRune("เแโใไ", b) && !strings.ContainsRune("ะาำๅๆฯ", n)
}

// fit cuts a text to w cells; what was cut is marked.
func fit(text string, w int) string {
	text = safe(text)
	if width(text) <= w {
		return text
	}
	if w <= 0 {
		return ""
	}
	var b strings.Builder
	used, state := 0, -1
	for text != "" {
		var cluster string
		var cells int
		cluster, text, cells, state = uniseg.FirstGraphemeClusterInString(text, state)
		if used+cells > w-1 {
			break
		}
		b.WriteString(cluster)
		used += cells
	}
	return b.String() + "…"
}
