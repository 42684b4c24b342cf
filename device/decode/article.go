package decode

import (
	"strings"

	"posagent/device/aim"
)

// articleNumber reports whether s, all digits, is a complete article number
// with its check digit.
func articleNumber(s string) bool {
	switch len(s) {
	case 8:
		return mod10(s) || upcE(s) || issn(s)
	case 10:
		return isbn10(s)
	case 12, 13, 14:
		return mod10(s)
	case 15, 18:
		// Books and magazines carry two or five digits more beside the EAN-13.
		return (strings.HasPrefix(s, "977") || strings.HasPrefix(s, "978") || strings.HasPrefix(s, "979")) && mod10(s[:13])
	default:
		return false
	}
}

// article names the article number. With a retail symbology it is called by
// that, check digit or not: the scanner has checked it.
func article(s string, symbology aim.Symbology) Class {
	switch symbology {
	case aim.EAN8:
		return class(CodeEAN8)
	case aim.UPCA, aim.UPCE:
		return class(CodeUPC)
	case aim.DataBar:
		return class(CodeGS1Product)
	}
	switch {
	case isbn10(s) || strings.HasPrefix(s, "978") || strings.HasPrefix(s, "979"):
		return class(CodeISBN)
	case strings.HasPrefix(s, "977") || len(s) == 8 && !mod10(s) && !upcE(s) && issn(s):
		return class(CodeISSN)
	case len(s) == 8:
		return class(CodeEAN8)
	case len(s) == 12:
		return class(CodeUPC)
	case len(s) == 14:
		return class(CodeITF14)
	default:
		return class(CodeEAN13)
	}
}

// mod10 checks GS1's check digit: from the right, weights 1, 3, 1, 3.
func mod10(s string) bool {
	if !digits(s) {
		return false
	}
	sum, weight := 0, 1
	for i := len(s) - 1; i >= 0; i-- {
		sum += int(s[i]-'0') * weight
		weight = 4 - weight
	}
	return sum%10 == 0
}

// sscc: 18 digits, or 20 with the application identifier 00 in front.
func sscc(s string) bool {
	switch len(s) {
	case 18:
		return mod10(s)
	case 20:
		return s[:2] == "00" && mod10(s)
	default:
		return false
	}
}

// upcE: 8 digits of which the check digit is that of the UPC-A that the six in
// the middle stand for. Number systems 0 and 1 only.
func upcE(s string) bool {
	if len(s) != 8 || !digits(s) || s[0] > '1' {
		return false
	}
	body, check := s[1:7], s[7:]
	var long string
	switch last := body[5]; last {
	case '0', '1', '2':
		long = body[:2] + string(last) + "0000" + body[2:5]
	case '3':
		long = body[:3] + "00000" + body[3:5]
	case '4':
		long = body[:4] + "00000" + body[4:5]
	default:
		long = body[:5] + "0000" + string(last)
	}
	return mod10(s[:1] + long + check)
}

func isbn13(s string) bool {
	return len(s) == 13 && (strings.HasPrefix(s, "978") || strings.HasPrefix(s, "979")) && mod10(s)
}

func isbn10(s string) bool { return mod11(s, 10) }

func issn(s string) bool { return mod11(s, 8) }

// mod11 checks the check digit of ISBN-10 and ISSN: weights n down to 1, and X
// for ten in last place.
func mod11(s string, n int) bool {
	if len(s) != n || !digits(s[:n-1]) {
		return false
	}
	sum := 0
	for i := range n - 1 {
		sum += int(s[i]-'0') * (n - i)
	}
	switch last := s[n-1]; {
	case last == 'X' || last == 'x':
		sum += 10
	case last >= '0' && last <= '9':
		sum += int(last - '0')
	default:
		return false
	}
	return sum%11 == 0
}
