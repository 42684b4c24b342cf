// Package fonts holds the fonts of the cashier's window for languages that the
// toolkit's own font, Noto Sans for Latin, Greek and Cyrillic, cannot write. They
// are in the program, so that no text depends on what the shop's PC has.
//
// Each is a subset of a Noto font with the characters of all the language's texts,
// Latin letters, digits and punctuation. A name that somebody types, with letters
// that no text has, is left to the fonts of the system. Chinese, Japanese and
// Korean have one font each, as they write the same character differently; the Thai
// one is tall enough for vowels below the line.
//
// "make fonts" makes the files anew when texts change. The licence of the fonts is
// noto/OFL.txt (SIL Open Font License 1.1).
package fonts

import (
	_ "embed" // for the font files

	"posagent/offline/cashier"
)

// Face is the two fonts of a language, each a whole OpenType or TrueType file.
// Nobody may write to them.
type Face struct {
	Lang          cashier.Lang
	Regular, Bold []byte
}

//go:embed noto/zh-Hans-Regular.otf
var hansRegular []byte

//go:embed noto/zh-Hans-Bold.otf
var hansBold []byte

//go:embed noto/zh-Hant-Regular.otf
var hantRegular []byte

//go:embed noto/zh-Hant-Bold.otf
var hantBold []byte

//go:embed noto/ja-Regular.otf
var jaRegular []byte

//go:embed noto/ja-Bold.otf
var jaBold []byte

//go:embed noto/ko-Regular.otf
var koRegular []byte

//go:embed noto/ko-Bold.otf
var koBold []byte

//go:embed noto/th-Regular.ttf
var thRegular []byte

//go:embed noto/th-Bold.ttf
var thBold []byte

// Faces lists the fonts in the order of cashier.Langs. English has none: the
// toolkit's own font is meant for it.
func Faces() []Face {
	return []Face{
		{cashier.SimplifiedChinese, hansRegular, hansBold},
		{cashier.TraditionalChinese, hantRegular, hantBold},
		{cashier.Japanese, jaRegular, jaBold},
		{cashier.Korean, koRegular, koBold},
		{cashier.Thai, thRegular, thBold},
	}
}
