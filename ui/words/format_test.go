package words

import (
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/cashier"
)

func TestAmountsHaveTheirCurrencysDecimalsAndSign(t *testing.T) {
	for _, tc := range []struct {
		lang     cashier.Lang
		currency string
		value    int64
		want     string
	}{
		{cashier.English, "HKD", 12850, "HK$ 128.50"},
		{cashier.English, "HKD", 5, "HK$ 0.05"},
		{cashier.English, "HKD", 0, "HK$ 0.00"},
		{cashier.English, "HKD", -12850, "HK$ -128.50"},
		{cashier.English, "JPY", 1280, "JP¥ 1,280"},
		{cashier.Japanese, "JPY", 128, "¥ 128"},
		{cashier.Japanese, "CNY", 100, "CN¥ 1.00"},
		{cashier.SimplifiedChinese, "CNY", 123456789, "¥ 1,234,567.89"},
		{cashier.TraditionalChinese, "JPY", 1000000, "JP¥ 1,000,000"},
		{cashier.Korean, "KRW", 12800, "₩ 12,800"},
		{cashier.Thai, "THB", 10000, "฿ 100.00"},
		{cashier.English, "THB", 10000, "THB 100.00"},
		{cashier.English, "PHP", 99999, "PHP 999.99"},
		{cashier.English, "HKD", 9_999_999_999_999_999, "HK$ 99,999,999,999,999.99"},
		{cashier.English, "", 128, "128"},
		{cashier.English, "XXX", 1280, "XXX 1,280"},
	} {
		if got := in(t, tc.lang).Money(wire.Money{Currency: tc.currency, Value: tc.value}); got != tc.want {
			t.Errorf("%s %d %s: %q, want %q", tc.lang, tc.value, tc.currency, got, tc.want)
		}
	}
}

func TestNoTwoCurrenciesShareASign(t *testing.T) {
	for _, lang := range cashier.Langs() {
		w, seen := in(t, lang), map[string]string{}
		for _, c := range offline.Currencies() {
			s := w.sign(c)
			if other, ok := seen[s]; ok || s == "" || s == "$" {
				t.Errorf("%s: %s is the sign of %s and of %q", lang, s, c, other)
			}
			seen[s] = c
		}
	}
}

func TestTimesAreWrittenAsTheLanguageDoes(t *testing.T) {
	at := time.Date(2026, 11, 2, 4, 5, 6, 0, time.FixedZone("", 9*3600))
	for lang, want := range map[cashier.Lang][2]string{
		cashier.English:            {"2 Nov 2026", "2 Nov 04:05:06"},
		cashier.SimplifiedChinese:  {"2026年11月2日", "11月2日 04:05:06"},
		cashier.TraditionalChinese: {"2026年11月2日", "11月2日 04:05:06"},
		cashier.Japanese:           {"2026年11月2日", "11月2日 04:05:06"},
		cashier.Korean:             {"2026년 11월 2일", "11월 2일 04:05:06"},
		cashier.Thai:               {"2 พ.ย. 2026", "2 พ.ย. 04:05:06"},
	} {
		w := in(t, lang)
		if got := [2]string{w.Day(at), w.Moment(at)}; got != want || w.Clock(at) != "04:05" {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestSpansPromiseNoMoreTimeThanThereIs(t *testing.T) {
	w := in(t, cashier.English)
	for d, want := range map[time.Duration]string{
		85 * time.Second: "1:25", 59*time.Second + 999*time.Millisecond: "0:59", 0: "0:00", -time.Minute: "0:00",
		time.Hour + 2*time.Minute + 3*time.Second: "1:02:03", 100 * time.Hour: "100:00:00",
	} {
		if got := w.Span(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestLocalesAreMatchedToLanguages(t *testing.T) {
	for tag, want := range map[string]cashier.Lang{
		"en": cashier.English, "en_GB.UTF-8": cashier.English, "ja_JP.UTF-8": cashier.Japanese, "KO": cashier.Korean,
		"th-TH": cashier.Thai, "zh": cashier.SimplifiedChinese, "zh_CN": cashier.SimplifiedChinese, "zh-SG": cashier.SimplifiedChinese,
		"zh_TW.UTF-8": cashier.TraditionalChinese, "zh-HK": cashier.TraditionalChinese, "zh-Hant": cashier.TraditionalChinese,
		"zh-Hans-HK": cashier.SimplifiedChinese, "zh_Hant_CN@x": cashier.TraditionalChinese,
	} {
		if got, ok := Match(tag); got != want || !ok {
			t.Errorf("%s: %s, %v", tag, got, ok)
		}
	}
	for _, tag := range []string{"", "C", "POSIX", "fr_FR", "C.UTF-8"} {
		if got, ok := Match(tag); got != cashier.English || ok {
			t.Errorf("%q: %s, %v", tag, got, ok)
		}
	}
}
