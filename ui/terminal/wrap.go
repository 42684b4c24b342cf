package terminal

import (
	"strings"
	"unicode"

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
	start, used := 0, 0          // of the line that grows
	allowed, allowedUsed := 0, 0 // the last place for a break in it
	at, state := 0, -1
	rest := text
	for rest != "" {
		var cluster string
		var bounds int
		cluster, rest, bounds, state = uniseg.StepString(rest, state)
		cells := bounds >> uniseg.ShiftWidth
		if used+cells > w && strings.TrimSpace(cluster) != "" && at > start {
			cut, cutUsed := at, used
			if allowed > start && !(ragged(allowedUsed, w) && thai(cluster)) {
				cut, cutUsed = allowed, allowedUsed
			}
			lines = append(lines, strings.TrimRight(text[start:cut], " "))
			start, used = cut, used-cutUsed
		}
		at += len(cluster)
		used += cells
		if bounds&uniseg.MaskLine != uniseg.LineDontBreak {
			allowed, allowedUsed = at, used
		}
	}
	return append(lines, strings.TrimRight(text[start:], " "))
}

// ragged tells whether a break would leave more than a third of the line empty.
func ragged(used, w int) bool { return used*3 < w*2 }

// thai tells whether a character is Thai, which is written without spaces between
// words: without a dictionary, a break between characters is better than a line
// that is nearly empty.
func thai(cluster string) bool {
	for _, r := range cluster {
		return unicode.Is(unicode.Thai, r)
	}
	return false
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
