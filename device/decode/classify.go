package decode

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"posagent/device/aim"
)

// The lengths of payment codes, in digits.
const (
	paymentMin  = 16
	paymentMax  = 24
	reservedMax = 32 // Alipay+ reserves 25 to 32
)

// Classifier sorts labels. The zero value follows what is in use today.
type Classifier struct {
	// AllowReserved takes payment codes of 25 to 32 digits too, for the day
	// that Alipay+ gives these lengths out.
	AllowReserved bool
}

// Classify sorts a label by the zero Classifier.
func Classify(text Text, symbology aim.Symbology) Class {
	return Classifier{}.Classify(text, symbology)
}

// Classify says what a label is. symbology is aim.Unknown when the scanner did
// not tell it. The text is judged exactly as it is: nothing is trimmed, since a
// code that needed repair is not the code that the customer showed.
func (c Classifier) Classify(text Text, symbology aim.Symbology) Class {
	s := text.Reveal()
	switch {
	case s == "":
		return class(CodeEmpty)
	case digits(s):
		return c.number(s, symbology)
	case otherDigits(s):
		return class(CodeNonASCIIDigits)
	}
	return words(s, symbology)
}

// number sorts a label of nothing but ASCII digits.
func (c Classifier) number(s string, symbology aim.Symbology) Class {
	if symbology.Retail() {
		return article(s, symbology)
	}
	// 18 digits may be an SSCC and a payment code at once; only GS1-128
	// carries an SSCC. A wallet that prints its code with FNC1 in front still
	// gets through unless the check digit fits.
	if symbology == aim.GS1128 && sscc(s) {
		return class(CodeSSCC)
	}
	payment := paymentPrefix(s)
	n := len(s)
	switch {
	case payment && n >= paymentMin && n <= paymentMax:
		return paymentCode(s)
	case payment && c.AllowReserved && n > paymentMax && n <= reservedMax && !doubled(s):
		return paymentCode(s)
	case weChat(s):
		return wallet(CodeWeChat, "WeChat Pay")
	case unionPay(s):
		return wallet(CodeUnionPay, "UnionPay")
	}
	// A case of goods has 14 digits as Rakuten Pay's codes do, and ITF is not
	// what a phone shows.
	if c, ok := japanese(s); ok && symbology != aim.ITF {
		return c
	}
	switch {
	case articleNumber(s):
		return article(s, symbology)
	case n > paymentMax && (doubled(s) || joined(s)):
		return class(CodeJoined)
	case payment && n < paymentMin:
		return class(CodeShort)
	case payment && n > paymentMax && n <= reservedMax:
		return class(CodeReserved)
	case payment:
		return class(CodeLong)
	case sscc(s):
		return class(CodeSSCC)
	case symbology == aim.GS1128:
		return class(CodeGS1128)
	case symbology == aim.GS1DataMatrix || symbology == aim.GS1QR:
		return class(CodeGS1Product)
	default:
		return class(CodeUnknownNumber)
	}
}

// words sorts a label that holds more than digits.
func words(s string, symbology aim.Symbology) Class {
	switch symbology {
	case aim.GS1128:
		return class(CodeGS1128)
	case aim.GS1DataMatrix, aim.GS1QR, aim.DataBar:
		return class(CodeGS1Product)
	}
	// Without its identifier a GS1 label shows by its separators (FNC1 as GS).
	if bare := strings.ReplaceAll(s, "\x1d", ""); bare != s && printable(bare) {
		if strings.HasPrefix(bare, "01") {
			return class(CodeGS1Product)
		}
		return class(CodeGS1128)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return class(CodeControl)
	}
	lower := strings.ToLower(s)
	switch {
	case link(lower):
		return storeLink(lower)
	// EMVCo, merchant-presented: payload format indicator 01, then tags, with
	// the checksum (tag 63, length 04) last.
	case strings.HasPrefix(s, "000201") && strings.Contains(s, "6304"):
		return class(CodeStoreEMV)
	// EMVCo, consumer-presented: base64 of tag 85, length 5, "CPV01".
	case strings.HasPrefix(s, "hQVDUFYwM"):
		return wallet(CodeEMVConsumer, "")
	case isbn10(strings.ReplaceAll(s, "-", "")) || isbn13(strings.ReplaceAll(s, "-", "")):
		return class(CodeISBN)
	case issn(strings.ReplaceAll(s, "-", "")):
		return class(CodeISSN)
	// A printed GS1 element string with its brackets, e.g. (00)106141411234567897.
	case strings.HasPrefix(s, "(00)"):
		return class(CodeSSCC)
	case strings.HasPrefix(s, "(01)"):
		return class(CodeGS1Product)
	default:
		return class(CodeUnreadable)
	}
}

func link(lower string) bool {
	scheme, _, ok := strings.Cut(lower, "://")
	return ok && schemeName.MatchString(scheme) || strings.HasPrefix(lower, "www.")
}

var schemeName = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

func storeLink(lower string) Class {
	_, rest, _ := strings.Cut(lower, "://")
	host, _, _ := strings.Cut(rest, "/")
	switch {
	case host == "qr.alipay.com" || host == "qr.alipayplus.com" || strings.HasPrefix(lower, "alipay"):
		return class(CodeStoreAlipay)
	case strings.HasPrefix(lower, "twqrp://"):
		return class(CodeStoreTaiwan)
	case strings.HasPrefix(lower, "wxp://") || strings.HasPrefix(lower, "weixin://") || host == "payapp.weixin.qq.com":
		return class(CodeStoreWeChat)
	default:
		return class(CodeURL)
	}
}

func wallet(code Code, name string) Class {
	c := class(code)
	c.Wallet = name
	return c
}

// paymentCode names the form by Alipay+'s code format. 19 digits starting 289
// are Alipay+'s own when the sixth from the end is a 6.
func paymentCode(s string) Class {
	c := wallet(CodePayment, "Alipay")
	c.Form = "alipay"
	switch n := len(s); {
	case n == 24 && s[6:8] == "02":
		c.Wallet, c.Form = "Alipay+", "alipay+ 24"
	case n == 19 && strings.HasPrefix(s, "289") && s[13] == '6':
		c.Wallet, c.Form = "Alipay+", "alipay+ 19"
	case n >= 17 && n <= 19 && strings.HasPrefix(s, "28"):
		c.Form = "alipay 28"
	case n > paymentMax:
		c.Wallet, c.Form = "Alipay+", "alipay+ reserved"
	}
	return c
}

// paymentPrefix: the first two digits of Alipay's codes are 25 to 30.
func paymentPrefix(s string) bool { return len(s) >= 2 && s[:2] >= "25" && s[:2] <= "30" }

func weChat(s string) bool { return len(s) == 18 && s[:2] >= "10" && s[:2] <= "15" }

func unionPay(s string) bool { return len(s) == 19 && s[:2] == "62" }

// doubled: the same code twice without an end between.
func doubled(s string) bool { return len(s)%2 == 0 && s[:len(s)/2] == s[len(s)/2:] }

// joinedMax bounds the search: four of the longest codes.
const joinedMax = 4 * paymentMax

// joined reports whether s, which is longer than any one code, is whole codes
// in a row.
func joined(s string) bool {
	if len(s) > joinedMax {
		return false
	}
	ends := make([]bool, len(s)+1) // ends[i]: s[:i] is whole codes
	ends[0] = true
	for i := range s {
		if !ends[i] {
			continue
		}
		for n := 12; n <= paymentMax && i+n <= len(s); n++ {
			ends[i+n] = ends[i+n] || wholeCode(s[i:i+n])
		}
	}
	return ends[len(s)]
}

// wholeCode keeps to the lengths that are in use: with every length that is
// allowed, one long number in three would pass for two codes by chance.
func wholeCode(s string) bool {
	switch len(s) {
	case 12, 13:
		return mod10(s)
	case 16, 24:
		return paymentPrefix(s)
	case 17:
		return paymentPrefix(s) || isJapanese(s)
	case 18, 19:
		return paymentPrefix(s) || weChat(s) || unionPay(s) || isJapanese(s)
	case 14, 20:
		return isJapanese(s)
	default:
		return false
	}
}

func printable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// otherDigits: all are digits of some script, at least one of them not ASCII.
func otherDigits(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsDigit(r) })
}
