package receipt

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// The widths of plain receipts.
const (
	defaultWidth = 42
	MinWidth     = 24
	MaxWidth     = 80
)

// columns counts the places that a text takes on a printer or screen of fixed
// width: two for a Chinese character, none for a Thai vowel above its letter. The
// condition is spelled out, as the library's own depends on the environment.
func columns(text string) int {
	return (&runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}).StringWidth(text)
}

// Text is the receipt as plain text in UTF-8: lines of at most width columns, each
// ended by \n. Width 0 is the printer's; others are drawn into 24 to 80.
func (slip *Slip) Text(width int) string {
	if width == 0 {
		width = slip.printer.Width
	}
	if width == 0 {
		width = defaultWidth
	}
	width = min(max(width, MinWidth), MaxWidth)
	var out strings.Builder
	line := func(text string) {
		out.WriteString(strings.TrimRight(text, " "))
		out.WriteByte('\n')
	}
	centre := func(list ...string) {
		for _, text := range list {
			for _, part := range wrap(text, width) {
				line(strings.Repeat(" ", (width-columns(part))/2) + part)
			}
		}
	}
	rule := strings.Repeat("-", width)
	pairs := func(list []row) {
		for _, r := range list {
			gap := width - columns(r.name) - columns(r.value)
			if gap >= 2 {
				line(r.name + strings.Repeat(" ", gap) + r.value)
				continue
			}
			for _, part := range wrap(r.name, width) {
				line(part)
			}
			for _, part := range wrap(r.value, width-2) {
				line(strings.Repeat(" ", width-columns(part)) + part)
			}
		}
	}
	centre(slip.head...)
	centre(slip.title)
	if slip.mark != "" {
		centre("*** " + slip.mark + " ***")
	}
	line(rule)
	pairs(slip.amounts)
	line(rule)
	pairs(slip.rows)
	if len(slip.foot) > 0 {
		line(rule)
		centre(slip.foot...)
	}
	return out.String()
}

// wrap breaks a text into parts of at most width columns: at a space where there
// is one in the last half of a part, otherwise between two characters. A mark that
// takes no place stays with its letter.
func wrap(text string, width int) []string {
	var parts []string
	for columns(text) > width {
		end, space, used := 0, 0, 0
		for i, r := range text {
			w := columns(string(r))
			if used+w > width {
				break
			}
			if r == ' ' && used >= width/2 {
				space = i
			}
			used, end = used+w, i+len(string(r))
		}
		if space > 0 && text[end] != ' ' {
			end = space
		}
		parts = append(parts, strings.TrimRight(text[:end], " "))
		text = strings.TrimLeft(text[end:], " ")
	}
	return append(parts, text)
}
