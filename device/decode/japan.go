package decode

import "strings"

// issuer is one operator of code payments in Japan: its customers' codes begin
// with its number and have its length.
type issuer struct {
	prefix string
	digits int
	code   Code
	name   string
}

// issuers are the operators whose codes were published, by the uniform number in
// front that Japan's code payments agreed on (Payments Japan Association, JPQR,
// consumer-presented mode). The numbers and lengths are from the survey of the
// apps at https://ri25r.hatenablog.jp/entry/2020/02/26/221302 (26 February 2020).
// More special ones come first. An operator that is not listed, or changed its
// number since, is refused as an unknown number, which starts nothing either.
func issuers() []issuer {
	return []issuer{
		{"9000818188", 20, CodePayPay, "PayPay"},
		{"9000000000", 17, CodeLINEPay, "LINE Pay"},
		{"90000002", 18, CodeDBarai, "d Barai"},
		{"900001", 14, CodeRakutenPay, "Rakuten Pay"},
		{"31589900", 17, CodeMerpay, "Merpay"},
		{"31589921", 17, CodeAUPay, "au PAY"},
	}
}

// bankPay is the service of Yucho Pay and the banks beside it; each bank has a
// number of its own from 31589931 to 31589940.
func bankPay(s string) bool {
	return len(s) == 17 && s[:6] == "315899" && s[6:8] >= "31" && s[6:8] <= "40"
}

// japanese names the operator. None of the numbers begins as a payment code
// does, 25 to 30.
func japanese(s string) (Class, bool) {
	for _, i := range issuers() {
		if len(s) == i.digits && strings.HasPrefix(s, i.prefix) {
			return wallet(i.code, i.name), true
		}
	}
	if bankPay(s) {
		return wallet(CodeBankPay, "Ginko Pay"), true
	}
	return Class{}, false
}

func isJapanese(s string) bool {
	_, ok := japanese(s)
	return ok
}
