package receipt

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/image/font/gofont/goregular"

	"posagent/offline"
)

var languages = []string{"en", "zh-Hans", "zh-Hant", "ja", "ko", "th"}

func noon() time.Time { return time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC) }

func hkd(value int64) offline.Money { return offline.Money{Currency: "HKD", Value: value} }

// paid is a sale that was paid.
func paid() *offline.Sale {
	p := offline.Payment{PaymentHead: offline.PaymentHead{
		ID: "S01-T03-20261121T120000-JMK3H6HNUMK4HAN3", Amount: hkd(12850),
		Code: offline.CodeDigest{Masked: "28••••••••••••4394"}, CreatedAt: noon(),
	}}
	p.Attempts = []offline.Attempt{{
		Op: offline.OpPay, BegunAt: noon(), FinishedAt: noon(), FinishedSeq: 2,
		Outcome: offline.Outcome{Kind: offline.Success, AcquirementID: "2026112127761890182602448893"},
	}}
	p.End = &offline.End{At: noon(), Result: offline.ResultPaid}
	return &offline.Sale{
		SaleHead: offline.SaleHead{ID: "R-1001", Amount: hkd(12850), Title: "Tea, 2 cups", CreatedAt: noon()},
		Payments: []offline.Payment{p},
	}
}

// back adds a refund in this state.
func back(s *offline.Sale, id offline.RefundID, value int64, end offline.Result) *offline.Sale {
	r := offline.Refund{RefundHead: offline.RefundHead{ID: id, Payment: s.Payments[0].ID, Amount: hkd(value), Reason: "one item", CreatedAt: noon()}}
	if end != "" {
		r.End = &offline.End{At: noon().Add(time.Hour), Result: end}
	}
	s.Refunds = append(s.Refunds, r)
	return s
}

func printer(language string) *Printer {
	return &Printer{
		Shop:     Shop{StoreName: "Sunrise Mart", StoreID: "S01", TerminalID: "T03", Footer: "Thank you"},
		Language: language, Zone: offline.Beijing,
	}
}

func slipOf(t *testing.T, p *Printer, s *offline.Sale, ask Request, now time.Time) *Slip {
	t.Helper()
	slip, err := p.Slip(s, ask, now)
	if err != nil {
		t.Fatal(err)
	}
	return slip
}

func TestAReceiptNamesAmountTimeAndTheNumbersOfFinance(t *testing.T) {
	got := slipOf(t, printer("en"), paid(), Request{}, noon()).Text(0)
	want := `               Sunrise Mart
             PAYMENT RECEIPT
------------------------------------------
Paid                            HKD 128.50
------------------------------------------
Time            2026-11-21 12:00:00 +08:00
Sale                                R-1001
Goods                          Tea, 2 cups
Paid with                           Alipay
Code                    28************4394
Payment no.
  S01-T03-20261121T120000-JMK3H6HNUMK4HAN3
Alipay no.    2026112127761890182602448893
Store                                  S01
Till                                   T03
------------------------------------------
                Thank you
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAReceiptOfARefundedSaleSaysBothAndWhatIsLeft(t *testing.T) {
	s := back(back(paid(), "F-1", 2850, offline.ResultRefunded), "F-2", 5000, offline.ResultDeclined)
	got := slipOf(t, printer("zh-Hans"), s, Request{Copy: true}, noon()).Text(32)
	want := `          Sunrise Mart
            付款凭证
          *** 副本 ***
--------------------------------
已付款                HKD 128.50
已退款                 HKD 28.50
退款后余额            HKD 100.00
--------------------------------
时间  2026-11-21 12:00:00 +08:00
销售单号                  R-1001
商品                 Tea, 2 cups
支付方式                  Alipay
付款码        28************4394
商户交易号
  S01-T03-20261121T120000-JMK3H6
                      HNUMK4HAN3
支付宝交易号
    2026112127761890182602448893
退款单号 F-1           HKD 28.50
时间  2026-11-21 13:00:00 +08:00
门店                         S01
收银机                       T03
--------------------------------
           Thank you
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARefundHasAReceiptOfItsOwn(t *testing.T) {
	s := back(paid(), "F-1", 2850, offline.ResultRefunded)
	got := slipOf(t, printer("en"), s, Request{Refund: "F-1"}, noon().Add(time.Hour)).Text(48)
	for _, want := range []string{"REFUND RECEIPT", "HKD 28.50", "F-1", "one item", "R-1001", "HKD 128.50", "2026-11-21 13:00:00 +08:00", "2026112127761890182602448893"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "COPY") {
		t.Errorf("is a copy:\n%s", got)
	}
}

func TestOnlyWhatIsProvenHasAReceipt(t *testing.T) {
	change := func(f func(*offline.Sale)) *offline.Sale {
		s := paid()
		f(s)
		return s
	}
	for name, s := range map[string]*offline.Sale{
		"no code yet": change(func(s *offline.Sale) { s.Payments = nil }),
		"under way":   change(func(s *offline.Sale) { s.Payments[0].End = nil }),
		"declined":    change(func(s *offline.Sale) { s.Payments[0].End.Result = offline.ResultDeclined }),
		"cancelled":   change(func(s *offline.Sale) { s.Payments[0].End.Result = offline.ResultCancelled }),
		"needs a person": change(func(s *offline.Sale) {
			s.Payments[0].End, s.Payments[0].Parked = nil, &offline.Mark{Seq: 3}
		}),
	} {
		if _, err := printer("en").Slip(s, Request{}, noon()); !errors.Is(err, ErrNothing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, end := range map[string]offline.Result{"under way": "", "refused": offline.ResultDeclined} {
		s := back(paid(), "F-1", 2850, end)
		if _, err := printer("en").Slip(s, Request{Refund: "F-1"}, noon()); !errors.Is(err, ErrNothing) {
			t.Errorf("a refund that is %s: %v", name, err)
		}
		if text := slipOf(t, printer("en"), s, Request{}, noon()).Text(0); strings.Contains(text, "efund") {
			t.Errorf("a refund that is %s stands on the sale's receipt:\n%s", name, text)
		}
	}
	if _, err := printer("en").Slip(paid(), Request{Refund: "F-9"}, noon()); !errors.Is(err, offline.ErrUnknownRefund) {
		t.Errorf("an unknown refund: %v", err)
	}
}

func TestWhatRefundsReturnedInFullHasAReceipt(t *testing.T) {
	s := back(paid(), "F-1", 12850, offline.ResultRefunded)
	s.Payments[0].End = &offline.End{At: noon(), Result: offline.ResultCancelled, How: offline.HowRefunded}
	if text := slipOf(t, printer("en"), s, Request{}, noon()).Text(0); !strings.Contains(text, "After refunds                     HKD 0.00") {
		t.Errorf("%s", text)
	}
}

func TestAReceiptSaysWhereAPersonFoundOut(t *testing.T) {
	s := paid()
	s.Payments[0].Resolved = &offline.Mark{By: "Ann"}
	if text := slipOf(t, printer("en"), s, Request{}, noon()).Text(0); !strings.Contains(text, "Confirmed by the store's staff") || strings.Contains(text, "Ann") {
		t.Errorf("%s", text)
	}
}

func TestAReprintIsMarkedAsACopyWhateverIsAsked(t *testing.T) {
	for _, row := range []struct {
		name string
		ask  Request
		age  time.Duration
		want bool
	}{
		{"at once", Request{}, time.Second, false},
		{"at once, and it was printed before", Request{Copy: true}, time.Second, true},
		{"ten minutes later", Request{}, fresh, false},
		{"later still", Request{}, fresh + time.Second, true},
	} {
		text := slipOf(t, printer("en"), paid(), row.ask, noon().Add(row.age)).Text(0)
		if got := strings.Contains(text, "*** COPY ***"); got != row.want {
			t.Errorf("%s: a copy is %t, want %t", row.name, got, row.want)
		}
	}
}

func TestControlCharactersNeverReachAPrinter(t *testing.T) {
	s := paid()
	s.Title = "a\x1b@b\nc\u2028d"
	p := printer("en")
	p.Shop.StoreName = "\x1dV0Mart"
	text := slipOf(t, p, s, Request{}, noon()).Text(0)
	if strings.ContainsAny(text, "\x1b\x1d\u2028") || strings.Contains(text, "b\nc") {
		t.Errorf("%q", text)
	}
}

// Whatever the names are: no line is wider than the paper, and nothing of them is lost.
func TestNoLineIsWiderThanThePaper(t *testing.T) {
	letters := []rune("abc 123-_東京สวัสดีที่안녕ﾊﾟé👍")
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var title strings.Builder
		for range r.IntN(120) {
			title.WriteRune(letters[r.IntN(len(letters))])
		}
		s := back(paid(), "F-1", 1, offline.ResultRefunded)
		s.Title = title.String()
		width := MinWidth + r.IntN(MaxWidth-MinWidth+1)
		text := slipOf(t, printer(languages[r.IntN(len(languages))]), s, Request{}, noon()).Text(width)
		for line := range strings.SplitSeq(text, "\n") {
			if columns(line) > width {
				t.Fatalf("%d columns of %d: %q", columns(line), width, line)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if !strings.Contains(squeeze(text), squeeze(s.Title)) {
			t.Fatalf("%q is not on\n%s", s.Title, text)
		}
	}
}

func TestEveryLanguageHasAllWords(t *testing.T) {
	english := fmt.Sprintf("%+v", wordsOf("en"))
	for _, lang := range languages {
		w := fmt.Sprintf("%+v", wordsOf(lang))
		if strings.Contains(w, ": ") && strings.Contains(w, ":  ") || strings.Contains(w, ": }") || lang != "en" && w == english {
			t.Errorf("%s: %s", lang, w)
		}
	}
}

// content inflates the streams of a PDF.
func content(t *testing.T, pdf []byte) string {
	t.Helper()
	var out strings.Builder
	for _, part := range bytes.Split(pdf, []byte("stream\n"))[1:] {
		z, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue
		}
		body, err := io.ReadAll(z)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		out.Write(body)
	}
	return out.String()
}

func TestAPDFHoldsTheSameAndIsTheSameEachTime(t *testing.T) {
	slip := slipOf(t, printer("en"), back(paid(), "F-1", 2850, offline.ResultRefunded), Request{Copy: true}, noon())
	pdf, err := slip.PDF()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := slip.PDF(); err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("differs from time to time (%v)", err)
	}
	text := content(t, pdf)
	for _, want := range []string{"(HKD 128.50)", "(HKD 28.50)", "(HKD 100.00)", "(COPY)", "(2026112127761890182602448893)", "(Tea, 2 cups)", "(Thank you)", "(28************4394)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-1.")) || bytes.Count(pdf, []byte("/Type /Page\n")) != 1 {
		t.Errorf("not one page: %.300q", pdf)
	}
}

func TestACharacterThatTheFontLacksIsNamedAndNotLeftOut(t *testing.T) {
	s := paid()
	s.Title = "Tee für 老王"
	var missing *RuneError
	if _, err := slipOf(t, printer("en"), s, Request{}, noon()).PDF(); !errors.As(err, &missing) || missing.Rune != '老' {
		t.Errorf("%v", err)
	}
	s.Title = "Tee für Žižek" // not in the built-in fonts' Latin-1
	if _, err := slipOf(t, printer("en"), s, Request{}, noon()).PDF(); !errors.As(err, &missing) || missing.Rune != 'Ž' {
		t.Errorf("%v", err)
	}
	p := printer("ja")
	p.Font = font(t)
	if pdf, err := slipOf(t, p.ForPDF(), s, Request{}, noon()).PDF(); err != nil || len(pdf) < 1000 {
		t.Errorf("%d bytes, %v", len(pdf), err)
	}
	if _, err := slipOf(t, p, s, Request{}, noon()).PDF(); !errors.As(err, &missing) {
		t.Errorf("Japanese words in a Latin font: %v", err)
	}
}

func font(t *testing.T) *Font {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.ttf")
	if err := os.WriteFile(path, goregular.TTF, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := LoadFont(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestABadFontIsFoundAtTheStart(t *testing.T) {
	otto := append([]byte("OTTO"), goregular.TTF[4:]...)
	for name, data := range map[string][]byte{
		"rubbish": []byte("x"), "empty": {}, "half": goregular.TTF[:len(goregular.TTF)/2], "another kind of outlines": otto,
	} {
		path := filepath.Join(t.TempDir(), "bad.ttf")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var bad *FontError
		if _, err := LoadFont(path); !errors.As(err, &bad) || bad.Path != path {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadFont(filepath.Join(t.TempDir(), "none.ttf")); !errors.As(err, new(*FontError)) {
		t.Errorf("missing: %v", err)
	}
}
