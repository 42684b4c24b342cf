package ui

import (
	"strings"

	"github.com/go-text/typesetting/segmenter"
)

// measurer tells how wide a line of text is.
type measurer func(line string) float32

// torn tells whether a word is wider than a line, so that wrap has to break it.
func torn(text string, width float32, wide measurer) bool {
	if wide(text) <= width {
		return false
	}
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	for lines := seg.LineIterator(); lines.Next(); {
		if wide(strings.TrimRight(string(lines.Line().Text), " \n")) > width {
			return true
		}
	}
	return false
}

// wrap breaks text into lines no wider than width, where the script allows it:
// between words, between most Chinese and Japanese characters, and never between a
// letter and its marks. A word that is wider than a line is broken between letters.
func wrap(text string, width float32, wide measurer) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, "\r", ""), "\n") {
		lines = append(lines, wrapParagraph(paragraph, width, wide)...)
	}
	return lines
}

func wrapParagraph(text string, width float32, wide measurer) []string {
	if wide(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, piece := range pieces(text, width, wide) {
		if line != "" && wide(strings.TrimRight(line+piece, " ")) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += piece
	}
	return append(lines, strings.TrimRight(line, " "))
}

// pieces are the parts of a text that stay on one line: what lies between two
// places where a line may end (UAX #14), or less if that is wider than a line.
func pieces(text string, width float32, wide measurer) []string {
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	var out []string
	for lines := seg.LineIterator(); lines.Next(); {
		piece := string(lines.Line().Text)
		if wide(strings.TrimRight(piece, " ")) <= width {
			out = append(out, piece)
			continue
		}
		out = append(out, letters(piece)...)
	}
	return out
}

// letters are what a reader takes for one letter each: a Thai consonant with its
// vowel and tone marks is one.
func letters(text string) []string {
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	var out []string
	for g := seg.GraphemeIterator(); g.Next(); {
		out = append(out, string(g.Grapheme().Text))
	}
	return out
}
