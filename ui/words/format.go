package words

import (
	"fmt"
	"strings"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
)

// Money is an amount with its currency and the currency's own decimals, thousands
// apart: "HK$ 1,285.00", "JP¥ 1,280". A sign is used where it cannot be taken for
// another currency's, otherwise the ISO 4217 code.
func (w *Words) Money(m wire.Money) string {
	major := m.Major()
	minus := ""
	if rest, ok := strings.CutPrefix(major, "-"); ok {
		minus, major = "-", rest
	}
	whole, frac, pointed := strings.Cut(major, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if pointed {
		whole += "." + frac
	}
	return strings.TrimSpace(w.sign(m.Currency) + " " + minus + whole)
}

// sign is a currency's sign. The yen and the yuan share one, so it stands alone
// only in the language of its country.
func (w *Words) sign(currency string) string {
	chinese := w.lang == cashier.SimplifiedChinese || w.lang == cashier.TraditionalChinese
	switch currency {
	case "AUD":
		return "A$"
	case "BRL":
		return "R$"
	case "CAD":
		return "C$"
	case "CNY":
		if chinese {
			return "¥"
		}
		return "CN¥"
	case "EUR":
		return "€"
	case "GBP":
		return "£"
	case "HKD":
		return "HK$"
	case "IDR":
		return "Rp"
	case "JPY":
		if w.lang == cashier.Japanese {
			return "¥"
		}
		return "JP¥"
	case "KRW":
		return "₩"
	case "MYR":
		return "RM"
	case "NZD":
		return "NZ$"
	case "SGD":
		return "S$"
	case "THB":
		if w.lang == cashier.Thai { // other fonts lack the sign
			return "฿"
		}
	case "TWD":
		return "NT$"
	case "USD":
		return "US$"
	}
	return currency
}

// Clock is a time of the day in the zone of t, such as "14:32".
func (w *Words) Clock(t time.Time) string { return t.Format("15:04") }

// Moment is a day and time in the zone of t, such as "21 Nov 14:32:10".
func (w *Words) Moment(t time.Time) string { return w.date(t, false) + t.Format(" 15:04:05") }

// Day is a day in the zone of t, such as "21 Nov 2026". Years are of the common era
// in every language, as on the gateway's statements.
func (w *Words) Day(t time.Time) string { return w.date(t, true) }

func (w *Words) date(t time.Time, year bool) string {
	full, short := "2 Jan 2006", "2 Jan"
	switch w.lang {
	case cashier.SimplifiedChinese, cashier.TraditionalChinese, cashier.Japanese:
		full, short = "2006年1月2日", "1月2日"
	case cashier.Korean:
		full, short = "2006년 1월 2일", "1월 2일"
	case cashier.Thai:
		short = fmt.Sprintf("%d %s", t.Day(), thaiMonth(t.Month()))
		if year {
			return fmt.Sprintf("%s %d", short, t.Year())
		}
		return short
	case cashier.English:
	}
	if year {
		return t.Format(full)
	}
	return t.Format(short)
}

func thaiMonth(m time.Month) string {
	return [...]string{"ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."}[m-1]
}

// Span is a duration in minutes and seconds, such as "1:25", or with hours, such as
// "1:02:03". What is left of a second is dropped: no more time is promised than
// there is.
func (w *Words) Span(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	if h := s / 3600; h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
