package terminal

import "strings"

// glyph is the picture of a character, five rows of pixels.
func glyph(r rune) ([5]string, bool) {
	switch r {
	case '0':
		return [5]string{"###", "# #", "# #", "# #", "###"}, true
	case '1':
		return [5]string{" # ", "## ", " # ", " # ", "###"}, true
	case '2':
		return [5]string{"###", "  #", "###", "#  ", "###"}, true
	case '3':
		return [5]string{"###", "  #", "###", "  #", "###"}, true
	case '4':
		return [5]string{"# #", "# #", "###", "  #", "  #"}, true
	case '5':
		return [5]string{"###", "#  ", "###", "  #", "###"}, true
	case '6':
		return [5]string{"###", "#  ", "###", "# #", "###"}, true
	case '7':
		return [5]string{"###", "  #", "  #", "  #", "  #"}, true
	case '8':
		return [5]string{"###", "# #", "###", "# #", "###"}, true
	case '9':
		return [5]string{"###", "# #", "###", "  #", "###"}, true
	case '.':
		return [5]string{" ", " ", " ", " ", "#"}, true
	case ',':
		return [5]string{"  ", "  ", "  ", " #", "# "}, true
	}
	return [5]string{}, false
}

// block draws an amount with large digits: three rows, or five. What stands before
// and after the digits, the currency, stays as it is, on the last row. It returns
// nil where there is something else between the digits, or no room.
func block(amount string, rows, w int) []string {
	amount = safe(amount)
	first := strings.IndexAny(amount, "0123456789")
	last := strings.LastIndexAny(amount, "0123456789")
	if first < 0 {
		return nil
	}
	before, number, after := amount[:first], amount[first:last+1], amount[last+1:]
	var pixels [5]string
	for i, r := range number {
		g, ok := glyph(r)
		if !ok {
			return nil
		}
		for y := range pixels {
			if i > 0 {
				pixels[y] += " "
			}
			pixels[y] += g[y]
		}
	}
	lines := double(pixels)
	if rows == 3 {
		lines = halve(pixels)
	}
	pad := strings.Repeat(" ", width(before))
	for y := range lines {
		if y == len(lines)-1 {
			lines[y] = before + lines[y] + after
		} else {
			lines[y] = pad + lines[y]
		}
		if width(lines[y]) > w {
			return nil
		}
	}
	return lines
}

// double makes each pixel two cells wide, about square.
func double(pixels [5]string) []string {
	lines := make([]string, 0, 5)
	for _, row := range pixels {
		lines = append(lines, strings.NewReplacer("#", "██", " ", "  ").Replace(row))
	}
	return lines
}

// halve puts two rows of pixels into one of cells.
func halve(pixels [5]string) []string {
	lines := make([]string, 0, 3)
	none := strings.Repeat(" ", len(pixels[0]))
	for _, pair := range [3][2]string{{pixels[0], pixels[1]}, {pixels[2], pixels[3]}, {pixels[4], none}} {
		var b strings.Builder
		for x := range pair[0] {
			upper, lower := pair[0][x] == '#', pair[1][x] == '#'
			switch {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		lines = append(lines, b.String())
	}
	return lines
}
