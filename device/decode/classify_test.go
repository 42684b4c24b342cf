package decode

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"posagent/device/aim"
)

// withCheck appends GS1's check digit.
func withCheck(t testing.TB, s string) string {
	t.Helper()
	for d := range 10 {
		if full := s + fmt.Sprint(d); mod10(full) {
			return full
		}
	}
	t.Fatalf("no check digit for %s", s)
	return ""
}

func TestClassify(t *testing.T) {
	pay18, other18 := "281234567890123456", "286543210987654321"
	sscc28 := withCheck(t, "28061414112345678")
	for _, tc := range []struct {
		name, text string
		symbology  aim.Symbology
		want       Code
	}{
		{"Alipay, 18 digits", pay18, aim.Code128, CodePayment},
		{"Alipay, in a QR code", pay18, aim.QR, CodePayment},
		{"Alipay, 16 digits", pay18[:16], aim.Unknown, CodePayment},
		{"Alipay, 17 digits", pay18[:17], aim.Unknown, CodePayment},
		{"Alipay+, 19 digits", "2893612204263667830", aim.Unknown, CodePayment},
		{"Alipay+, 24 digits", "251001020123456789012345", aim.Unknown, CodePayment},
		{"lowest first digits", "25" + strings.Repeat("1", 14), aim.Unknown, CodePayment},
		{"highest first digits", "30" + strings.Repeat("1", 14), aim.Unknown, CodePayment},
		{"below the first digits", "24" + strings.Repeat("1", 14), aim.Unknown, CodeUnknownNumber},
		{"above the first digits", "31" + strings.Repeat("1", 14), aim.Unknown, CodeUnknownNumber},

		{"15 digits", pay18[:15], aim.Unknown, CodeShort},
		{"first digits alone", "28", aim.Unknown, CodeShort},
		{"13 digits that are no EAN-13", "2812345678901", aim.Unknown, CodeShort},
		{"25 digits", pay18 + "1234567", aim.Unknown, CodeReserved},
		{"32 digits", pay18 + "12345678901233", aim.Unknown, CodeReserved},
		{"33 digits", pay18 + "123456789012345", aim.Unknown, CodeLong},
		{"200 digits", "28" + strings.Repeat("7", 198), aim.Unknown, CodeLong},

		{"two payment codes", pay18 + other18, aim.Unknown, CodeJoined},
		{"the same one twice", pay18 + pay18, aim.Unknown, CodeJoined},
		{"a short one twice", pay18[:16] + pay18[:16], aim.Unknown, CodeJoined},
		{"half a code twice", pay18[:13] + pay18[:13], aim.Unknown, CodeJoined},
		{"three payment codes", pay18 + other18 + pay18[:16], aim.Unknown, CodeJoined},
		{"an article and a payment code", "6901234567892" + pay18, aim.Unknown, CodeJoined},
		{"a payment code and an article", pay18 + "6901234567892", aim.Unknown, CodeJoined},
		{"two WeChat codes", "134567890123456789" + "104567890123456789", aim.Unknown, CodeJoined},
		{"two articles", "6901234567892" + "4006381333931", aim.Unknown, CodeJoined},

		{"WeChat Pay, lowest", "101234567890123456", aim.Unknown, CodeWeChat},
		{"WeChat Pay, highest", "151234567890123456", aim.QR, CodeWeChat},
		{"18 digits above WeChat Pay", "160000000000000000", aim.Unknown, CodeUnknownNumber},
		{"17 digits are no WeChat code", "10123456789012345", aim.Unknown, CodeUnknownNumber},
		{"UnionPay", "6212345678901234567", aim.Unknown, CodeUnionPay},
		{"PayPay", "90008181881234567890", aim.Unknown, CodePayPay},
		{"PayPay, in a QR code", "90008181880000000000", aim.QR, CodePayPay},
		{"PayPay, a digit short", "9000818188123456789", aim.Unknown, CodeUnknownNumber},
		{"LINE Pay", "90000000001234567", aim.Code128, CodeLINEPay},
		{"d Barai", "900000021234567890", aim.Code128, CodeDBarai},
		{"Rakuten Pay", "90000112345678", aim.Code128, CodeRakutenPay},
		{"a case of goods that looks like Rakuten Pay", withCheck(t, "9000011234567"), aim.ITF, CodeITF14},
		{"Merpay", "31589900123456789", aim.Code128, CodeMerpay},
		{"au PAY", "31589921123456789", aim.Code128, CodeAUPay},
		{"the first bank of Ginko Pay", "31589931123456789", aim.Code128, CodeBankPay},
		{"the last bank of Ginko Pay", "31589940123456789", aim.Code128, CodeBankPay},
		{"an operator whose number is not published", "31589930123456789", aim.Code128, CodeUnknownNumber},
		{"a payment code and a PayPay code", pay18 + "90008181881234567890", aim.Unknown, CodeJoined},
		{"bank's consumer QR", "hQVDUFYwMWEWTwegAAAAVVVVUAhQcm9kdWN0MQ==", aim.QR, CodeEMVConsumer},

		{"EAN-13", "4006381333931", aim.Unknown, CodeEAN13},
		{"EAN-13, told by the scanner", "4006381333931", aim.EAN13, CodeEAN13},
		{"in-store EAN-13 that starts like a payment code", withCheck(t, "281234567890"), aim.Unknown, CodeEAN13},
		{"EAN-13 with five more digits that looks like a payment code", pay18, aim.EAN13, CodeEAN13},
		{"EAN-13 with a wrong check digit", "4006381333932", aim.Unknown, CodeUnknownNumber},
		{"EAN-8", "73513537", aim.Unknown, CodeEAN8},
		{"UPC-A", "036000291452", aim.Unknown, CodeUPC},
		{"UPC-E, told by the scanner", "04252614", aim.UPCE, CodeUPC},
		{"ITF-14", withCheck(t, "1400638133393"), aim.ITF, CodeITF14},
		{"ISBN-13", "9780306406157", aim.Unknown, CodeISBN},
		{"ISBN-13, told as EAN-13", "9780306406157", aim.EAN13, CodeISBN},
		{"ISBN-13 with a price", "978030640615751299", aim.Unknown, CodeISBN},
		{"ISBN-10", "0306406152", aim.Unknown, CodeISBN},
		{"ISBN-10 with X", "080442957X", aim.Unknown, CodeISBN},
		{"ISBN-10 with hyphens", "0-8044-2957-X", aim.Unknown, CodeISBN},
		{"ISBN-13 with hyphens", "978-0-306-40615-7", aim.Unknown, CodeISBN},
		{"ISSN as EAN-13", "9770317847001", aim.Unknown, CodeISSN},
		{"ISSN with an issue", "977031784700112", aim.Unknown, CodeISSN},
		{"ISSN", "0317-8471", aim.Unknown, CodeISSN},
		{"DataBar", "0104006381333931", aim.DataBar, CodeGS1Product},
		{"GS1 DataMatrix", "0104006381333931", aim.GS1DataMatrix, CodeGS1Product},
		{"GS1 DataMatrix with a lot", "010400638133393110A\x1d17260101", aim.GS1DataMatrix, CodeGS1Product},
		{"GS1 data whose identifier was not sent", "010400638133393110A\x1d17260101", aim.Unknown, CodeGS1Product},
		{"printed GS1 article", "(01)04006381333931(10)AB", aim.Unknown, CodeGS1Product},

		{"SSCC with its identifier", withCheck(t, "0010614141123456789"), aim.GS1128, CodeSSCC},
		{"SSCC, symbology not told", withCheck(t, "0010614141123456789"), aim.Unknown, CodeSSCC},
		{"SSCC without its identifier", withCheck(t, "37612345000000001"), aim.Unknown, CodeSSCC},
		{"SSCC that starts with 28, in GS1-128", sscc28, aim.GS1128, CodeSSCC},
		{"the same digits in Code 128", sscc28, aim.Code128, CodePayment},
		{"the same digits, symbology not told", sscc28, aim.Unknown, CodePayment},
		{"a payment code printed with FNC1 in front", "281234567890123451", aim.GS1128, CodePayment},
		{"GS1-128 of digits", "420123459212391234567812345670", aim.GS1128, CodeGS1128},
		{"GS1-128 with letters", "420123451Z999AA10123456784", aim.GS1128, CodeGS1128},
		{"GS1-128 whose identifier was not sent", "37123\x1d10ABC", aim.Unknown, CodeGS1128},
		{"printed SSCC", "(00)106141411234567897", aim.Unknown, CodeSSCC},

		{"Alipay+ store QR", "https://qr.alipayplus.com/281666010007", aim.QR, CodeStoreAlipay},
		{"Alipay store QR in capitals", "HTTPS://QR.ALIPAY.COM/FKX0", aim.QR, CodeStoreAlipay},
		{"Alipay link", "alipays://platformapi/startapp?appId=1", aim.QR, CodeStoreAlipay},
		{"WeChat store QR", "wxp://f2f0abc", aim.QR, CodeStoreWeChat},
		{"store QR of a bank", "00020101021126580014A000000615000101065641230208abcd52045411530334463041A2B", aim.QR, CodeStoreEMV},
		{"Taiwan Pay store QR", "TWQRP://shop/158/01/V1?D1=10000&D10=901", aim.QR, CodeStoreTaiwan},
		{"web page", "https://example.com/281234567890123456", aim.QR, CodeURL},
		{"web page without a scheme", "www.example.com", aim.QR, CodeURL},
		{"somebody's lookalike host", "https://qr.alipay.com.example/1", aim.QR, CodeURL},

		{"full-width digits", "２８１２３４５６７８９０１２３４５６", aim.QR, CodeNonASCIIDigits},
		{"Arabic digits", "٢٨١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦", aim.QR, CodeNonASCIIDigits},
		{"one full-width digit among plain ones", "28123456789012345６", aim.QR, CodeNonASCIIDigits},
		{"layout letters for digits", "éè&é\"'(-è_çà&é\"'(-", aim.Unknown, CodeUnreadable},
		{"a space in front", " " + pay18, aim.Unknown, CodeUnreadable},
		{"a space behind", pay18 + " ", aim.Unknown, CodeUnreadable},
		{"a letter inside", "2812345678901234O6", aim.Unknown, CodeUnreadable},
		{"an identifier that was left on", "]C0" + pay18, aim.Unknown, CodeUnreadable},
		{"a zero byte inside", "28123456\x007890123456", aim.Unknown, CodeControl},
		{"not UTF-8", "\xff\xfe28", aim.Unknown, CodeControl},
		{"words", "HELLO WORLD", aim.Code39, CodeUnreadable},
		{"a minus", "-281234567890123456", aim.Unknown, CodeUnreadable},
		{"empty", "", aim.Unknown, CodeEmpty},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Classify(NewText(tc.text), tc.symbology)
			if c.Code != tc.want {
				t.Fatalf("%q in %s is %s, want %s", tc.text, tc.symbology, c.Code, tc.want)
			}
			if c.IsPayment() != (tc.want == CodePayment) {
				t.Errorf("IsPayment() = %v for %s", c.IsPayment(), c.Code)
			}
		})
	}
}

func TestFormsAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"2893612204263667830":      "Alipay+/alipay+ 19",
		"2893612204263567830":      "Alipay/alipay 28",
		"251001020123456789012345": "Alipay+/alipay+ 24",
		"251001030123456789012345": "Alipay/alipay",
		"281234567890123456":       "Alipay/alipay 28",
		"2512345678901234":         "Alipay/alipay",
		"131234567890123456":       "WeChat Pay/",
		"6212345678901234567":      "UnionPay/",
		"90008181881234567890":     "PayPay/",
		"31589921123456789":        "au PAY/",
		"4006381333931":            "/",
	} {
		c := Classify(NewText(text), aim.Unknown)
		if got := c.Wallet + "/" + c.Form; got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

func TestReservedLengthsPassOnlyWhenAllowed(t *testing.T) {
	for n := 1; n <= 40; n++ {
		// 28, then digits that repeat neither as a half nor as codes in a row.
		text := NewText(("28" + "0917304826515903746284019375620481937465")[:n])
		plain := Classify(text, aim.Code128)
		reserved := Classifier{AllowReserved: true}.Classify(text, aim.Code128)
		if want := n >= 16 && n <= 24; plain.IsPayment() != want {
			t.Errorf("%d digits: %s", n, plain.Code)
		}
		if want := n >= 16 && n <= 32; reserved.IsPayment() != want {
			t.Errorf("%d digits, reserved allowed: %s", n, reserved.Code)
		}
	}
	twice := NewText(strings.Repeat("2812345678901234", 2))
	if c := (Classifier{AllowReserved: true}).Classify(twice, aim.Unknown); c.Kind != KindJoined {
		t.Errorf("one code twice is %s where reserved lengths are allowed", c.Code)
	}
}

func TestUPCEIsCheckedByTheUPCAItStandsFor(t *testing.T) {
	valid := 0
	for n := 0; n < 20_000_000; n += 997 { // every ending, spread evenly
		s := fmt.Sprintf("%08d", n)
		if upcE(s) != mod10Of(s) {
			t.Fatalf("upcE(%s) = %v", s, upcE(s))
		}
		if upcE(s) {
			valid++
		}
	}
	if valid < 1500 || valid > 2500 {
		t.Errorf("%d of 20,061 numbers are valid, want about a tenth", valid)
	}
	if !upcE("04252614") { // UPC-A 042100005264
		t.Error("a published example is not valid")
	}
	if upcE("24252614") || upcE("0425261X") || upcE("0425261") || upcE("04252615") {
		t.Error("accepted a number that is no UPC-E")
	}
}

// mod10Of expands by the published table, written out independently.
func mod10Of(s string) bool {
	b := s[1:7]
	long := map[byte]string{
		'0': b[:2] + "00000" + b[2:5], '1': b[:2] + "10000" + b[2:5], '2': b[:2] + "20000" + b[2:5],
		'3': b[:3] + "00000" + b[3:5], '4': b[:4] + "00000" + b[4:5],
	}[b[5]]
	if long == "" {
		long = b[:5] + "0000" + b[5:]
	}
	return mod10(s[:1] + long + s[7:])
}

func TestTheTableIsCompleteAndSpeaksOfNoMoney(t *testing.T) {
	seen := make(map[Code]bool)
	kinds := make(map[Kind]bool)
	for _, e := range Table() {
		if seen[e.Code] {
			t.Errorf("%s stands twice", e.Code)
		}
		seen[e.Code], kinds[e.Kind] = true, true
		if e.Title == "" || e.What == "" || !strings.HasPrefix(string(e.Code), string(e.Kind)) {
			t.Errorf("row %+v", e)
		}
		if e.Kind == KindPaymentCode {
			continue
		}
		if !strings.Contains(e.What, "No payment was started.") || e.Do == "" {
			t.Errorf("%s does not say that nothing was started, or not what to do", e.Code)
		}
		for _, word := range []string{"paid", "charged.", "declined", "refunded"} {
			if strings.Contains(e.What+e.Title, word) {
				t.Errorf("%s speaks of money: %q", e.Code, word)
			}
		}
	}
	for _, k := range Kinds() {
		if !kinds[k] {
			t.Errorf("no row of kind %s", k)
		}
	}
	if len(kinds) != len(Kinds()) {
		t.Errorf("%d kinds in the table, %d are listed", len(kinds), len(Kinds()))
	}
}

// FuzzClassify: every label has a class out of the table, never panics, and is
// a payment code exactly if it has the published shape.
func FuzzClassify(f *testing.F) {
	symbologies := []aim.Symbology{aim.Unknown, aim.Code128, aim.GS1128, aim.QR, aim.EAN13, aim.GS1DataMatrix, aim.DataBar, aim.ITF}
	for i, s := range []string{"281234567890123456", "4006381333931", "https://qr.alipay.com/x", "２８", "]C0", "\x1d", "6901234567892281234567890123456", "000201...6304ABCD"} {
		f.Add(s, uint8(i))
	}
	codes := make(map[Code]Kind)
	for _, e := range Table() {
		codes[e.Code] = e.Kind
	}
	f.Fuzz(func(t *testing.T, s string, how uint8) {
		sym := symbologies[int(how)%len(symbologies)]
		c := Classify(NewText(s), sym)
		if kind, ok := codes[c.Code]; !ok || kind != c.Kind {
			t.Fatalf("class %+v is not in the table", c)
		}
		shape := len(s) >= 16 && len(s) <= 24 && strings.Trim(s, "0123456789") == "" &&
			slices.Contains([]string{"25", "26", "27", "28", "29", "30"}, s[:2])
		excused := sym.Retail() || sym == aim.GS1128 && len(s) == 18 && mod10(s)
		if c.IsPayment() != (shape && !excused) {
			t.Errorf("%q in %s is %s", s, sym, c.Code)
		}
		if digits(s) && len(s) >= maskFrom && strings.Contains(fmt.Sprintf("%+v", c), s) {
			t.Errorf("the class repeats the label %q", s)
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	for _, s := range []string{"281234567890123456", "281234567890123456286543210987654321", "https://qr.alipayplus.com/281666010007"} {
		text := NewText(s)
		b.Run(fmt.Sprint(len(s)), func(b *testing.B) {
			for b.Loop() {
				Classify(text, aim.Unknown)
			}
		})
	}
}
