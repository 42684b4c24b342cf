package ui

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// each counts every letter as one unit wide.
func each(line string) float32 { return float32(utf8.RuneCountInString(line)) }

func TestTextIsBrokenWhereItsScriptAllowsIt(t *testing.T) {
	for _, row := range []struct {
		name, text string
		width      float32
		want       []string
	}{
		{"a short text stays on one line", "Paid", 10, []string{"Paid"}},
		{"words stay whole", "Keep the goods here", 10, []string{"Keep the", "goods here"}},
		{"a word wider than a line is broken", "abcdefghij kl", 4, []string{"abcd", "efgh", "ij", "kl"}},
		{"a new line is kept", "one\ntwo", 10, []string{"one", "two"}},
		{"Chinese is broken between characters", "请重新出示付款码", 5, []string{"请重新出示", "付款码"}},
		{"a full stop does not begin a line", "请重新出示。", 5, []string{"请重新出", "示。"}},
		{"a Thai vowel stays with its letter", "ที่นี่", 4, []string{"ที่", "นี่"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := wrap(row.text, row.width, each); !slices.Equal(got, row.want) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func FuzzWrapLosesNoLetter(f *testing.F) {
	f.Add("Keep the goods. Do not take the money again.", 12)
	f.Add("请客户刷新付款码。 再扫描一次", 3)
	f.Add("กรุณารีเฟรชโค้ดชำระเงิน แล้วแสดงอีกครั้ง", 5)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if !utf8.ValidString(text) || width < 1 || width > 200 || len(text) > 500 {
			t.Skip()
		}
		text = strings.ReplaceAll(text, "\r", "")
		squash := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		lines := wrap(text, float32(width), each)
		if got := squash(strings.Join(lines, "\n")); got != squash(text) {
			t.Errorf("%q became %q", text, lines)
		}
	})
}

func TestNoWordStandsAloneOnTheLastLine(t *testing.T) {
	for _, row := range []struct {
		text string
		want []string
	}{
		{"The money was taken and Alipay confirmed it.", []string{"The money was taken and", "Alipay confirmed it."}},
		{"Keep the goods.", []string{"Keep the goods."}},
		{"Two lines that are long enough both of them as they are", []string{"Two lines that are long enough both of", "them as they are"}},
	} {
		if got := even(row.text, 42, wrap(row.text, 42, each), each); !slices.Equal(got, row.want) {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
}

func TestATornWordIsNoticed(t *testing.T) {
	if torn("Copy for support", 8, each) {
		t.Error("words of at most seven letters fit a line of eight")
	}
	if !torn("Copy for supporters", 8, each) {
		t.Error("a word of ten letters does not fit a line of eight")
	}
}
