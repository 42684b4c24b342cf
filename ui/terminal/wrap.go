package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"posagent/ui/phrase"
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

// wrap breaks a text into lines of at most w cells, where its language allows it. A word that is longer than a line is cut between characters.
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
	var start, allowed, soft, legal place // of the line that grows: its begin, and the last places for a break
	var here place
	ends := phraseEnds(text)
	state, rest, before := -1, text, ""
	for rest != "" {
		var cluster string
		var bounds int
		cluster, rest, bounds, state = uniseg.StepString(rest, state)
		cells := bounds >> uniseg.ShiftWidth
		if thai(before) && thai(cluster) && phrase.Within(before, cluster) {
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
			case legal.at > start.at:
				cut = legal
			}
			lines = append(lines, strings.TrimRight(text[start.at:cut.at], " "))
			start = cut
		}
		here.at += len(cluster)
		here.used += cells
		if bounds&uniseg.MaskLine != uniseg.LineDontBreak {
			legal = here
		}
		if ends[here.at] {
			allowed = here
		}
		before = cluster
	}
	return append(lines, strings.TrimRight(text[start.at:], " "))
}

// phraseEnds are the bytes of a text behind which a line may end.
func phraseEnds(text string) map[int]bool {
	ends := map[int]bool{}
	at := 0
	for _, piece := range phrase.Split(text) {
		at += len(piece)
		ends[at] = true
	}
	return ends
}

func thai(cluster string) bool {
	r, _ := utf8.DecodeRuneInString(cluster)
	return unicode.Is(unicode.Thai, r)
}

// place is a place in a text: its byte, and the cells before it.
type place struct{ at, used int }

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
