package offline

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrCurrency is returned for a currency that is not in Alipay's table. The
// caller refuses the sale: guessing an exponent would charge a hundred times
// too much or too little.
var ErrCurrency = errors.New("currency is not in Alipay's table")

// ErrAmount is returned for an amount that is not a positive whole number of
// minor units of at most 16 digits.
var ErrAmount = errors.New("amount must be a positive whole number of minor units, at most 16 digits")

// maxValue is the largest amount that fits the String(16) of Alipay's Amount
// object ("Usage rules of the Amount object", docs.antom.com/ac/ref/cc).
const maxValue = 9_999_999_999_999_999

// exponent gives the digits of a currency's minor unit by Alipay's own table
// (docs.antom.com/ac/ref/cc), not by ISO 4217 or local habit: IDR and TWD
// count cents here although no shop uses them.
func exponent(currency string) (int, bool) {
	switch currency {
	case "AUD", "BDT", "BRL", "CAD", "CNY", "EUR", "GBP", "HKD", "IDR", "MXN", "MYR",
		"NZD", "PEN", "PHP", "PKR", "PLN", "SGD", "THB", "TWD", "USD":
		return 2, true
	case "CLP", "JPY", "KRW", "VND":
		return 0, true
	}
	return 0, false
}

// Currencies lists the ISO 4217 codes that the gateway accepts, sorted.
func Currencies() []string {
	list := strings.Fields("AUD BDT BRL CAD CNY EUR GBP HKD IDR MXN MYR NZD PEN PHP PKR PLN SGD THB TWD USD CLP JPY KRW VND")
	slices.Sort(list)
	return list
}

// CurrencyExponent returns the number of decimal digits of the minor unit, or
// ErrCurrency for a currency outside Alipay's table.
func CurrencyExponent(currency string) (int, error) {
	exp, ok := exponent(currency)
	if !ok {
		return 0, fmt.Errorf("%q: %w (it lists %s)", currency, ErrCurrency, strings.Join(Currencies(), " "))
	}
	return exp, nil
}

// Money is an amount in minor units: 1.00 HKD is {HKD 100}, 100 yen is
// {JPY 100}. Its JSON form is Alipay's Amount object, with the value as a
// string of digits.
type Money struct {
	Currency string // ISO 4217 alpha code
	Value    int64  // minor units by Alipay's table
}

// NewMoney checks currency and value. It returns ErrCurrency or ErrAmount.
func NewMoney(currency string, value int64) (Money, error) {
	if _, err := CurrencyExponent(currency); err != nil {
		return Money{}, err
	}
	if value <= 0 || value > maxValue {
		return Money{}, fmt.Errorf("%d: %w", value, ErrAmount)
	}
	return Money{Currency: currency, Value: value}, nil
}

// ParseMoney reads a value as the wire and the local API write it: ASCII
// digits only, no sign, no point, no leading zero.
func ParseMoney(currency, value string) (Money, error) {
	n, err := parseDigits(value)
	if err != nil || n == 0 {
		return Money{}, fmt.Errorf("%q: %w", cut(value, 24), ErrAmount)
	}
	return NewMoney(currency, n)
}

func parseDigits(s string) (int64, error) {
	if s == "" || len(s) > 16 || (s[0] == '0' && len(s) > 1) {
		return 0, ErrAmount
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, ErrAmount
		}
	}
	return strconv.ParseInt(s, 10, 64)
}

// IsZero tells whether no amount is set.
func (m Money) IsZero() bool { return m == Money{} }

// Add sums two amounts of one currency. It fails on another currency or where
// the sum would leave the range, never by wrapping around.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, fmt.Errorf("adding %s to %s: %w", o.Currency, m.Currency, ErrCurrency)
	}
	if o.Value > maxValue-m.Value {
		return Money{}, fmt.Errorf("%s plus %s: %w", m, o, ErrAmount)
	}
	return Money{m.Currency, m.Value + o.Value}, nil
}

// Major is the amount in major units with the currency's own decimals, made
// with integers only: {HKD 12850} is "128.50", {JPY 100} is "100".
func (m Money) Major() string {
	exp, ok := exponent(m.Currency)
	digits := strconv.FormatInt(m.Value, 10)
	if !ok || exp == 0 {
		return digits
	}
	sign := ""
	if m.Value < 0 {
		sign, digits = "-", digits[1:]
	}
	if len(digits) <= exp {
		digits = strings.Repeat("0", exp+1-len(digits)) + digits
	}
	return sign + digits[:len(digits)-exp] + "." + digits[len(digits)-exp:]
}

// String is for people: "HKD 128.50".
func (m Money) String() string { return m.Currency + " " + m.Major() }

type moneyJSON struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

// MarshalJSON writes Alipay's Amount object.
func (m Money) MarshalJSON() ([]byte, error) {
	return json.Marshal(moneyJSON{m.Currency, strconv.FormatInt(m.Value, 10)})
}

// UnmarshalJSON reads Alipay's Amount object. Zero is allowed (nothing
// refunded yet); a number instead of a string, a sign, a point or an exponent
// is not. A currency outside the table is read as it stands: whoever starts a
// payment with it is refused by NewMoney.
func (m *Money) UnmarshalJSON(data []byte) error {
	var raw moneyJSON
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	n, err := parseDigits(raw.Value)
	if err != nil {
		return fmt.Errorf("amount %q: %w", cut(raw.Value, 24), ErrAmount)
	}
	*m = Money{raw.Currency, n}
	return nil
}

// cut shortens foreign text to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
