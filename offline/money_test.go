package offline_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"posagent/offline"
)

// Alipay's own table: docs.antom.com/ac/ref/cc. ISO 4217 gives IDR and TWD two
// digits as well, although no shop there uses them.
func TestExponentsAreAlipaysOwn(t *testing.T) {
	want := map[string]int{}
	for c := range strings.FieldsSeq("AUD BDT BRL CAD CNY EUR GBP HKD IDR MXN MYR NZD PEN PHP PKR PLN SGD THB TWD USD") {
		want[c] = 2
	}
	for c := range strings.FieldsSeq("CLP JPY KRW VND") {
		want[c] = 0
	}
	if got := offline.Currencies(); len(got) != len(want) || !slices.IsSorted(got) {
		t.Errorf("Currencies = %v, want the %d of the table, sorted", got, len(want))
	}
	for c, exp := range want {
		if got, err := offline.CurrencyExponent(c); got != exp || err != nil {
			t.Errorf("CurrencyExponent(%s) = %d, %v; want %d", c, got, err, exp)
		}
		if !slices.Contains(offline.Currencies(), c) {
			t.Errorf("Currencies lacks %s", c)
		}
	}
	for _, c := range []string{"", "KWD", "BHD", "JOD", "MOP", "hkd", "HKD ", "HK", "XXX"} {
		if _, err := offline.CurrencyExponent(c); !errors.Is(err, offline.ErrCurrency) {
			t.Errorf("CurrencyExponent(%q) = %v, want ErrCurrency", c, err)
		}
	}
}

func TestParseMoney(t *testing.T) {
	rows := []struct {
		currency, value string
		want            int64
		err             error
	}{
		{"HKD", "1", 1, nil},
		{"HKD", "12850", 12850, nil},
		{"JPY", "100", 100, nil},
		{"HKD", "9999999999999999", 9_999_999_999_999_999, nil},
		{"HKD", "10000000000000000", 0, offline.ErrAmount},
		{"HKD", "0", 0, offline.ErrAmount},
		{"HKD", "00", 0, offline.ErrAmount},
		{"HKD", "01", 0, offline.ErrAmount},
		{"HKD", "", 0, offline.ErrAmount},
		{"HKD", "-1", 0, offline.ErrAmount},
		{"HKD", "+1", 0, offline.ErrAmount},
		{"HKD", "1.00", 0, offline.ErrAmount},
		{"HKD", "1,000", 0, offline.ErrAmount},
		{"HKD", "1e3", 0, offline.ErrAmount},
		{"HKD", "0x10", 0, offline.ErrAmount},
		{"HKD", "1_0", 0, offline.ErrAmount},
		{"HKD", " 1", 0, offline.ErrAmount},
		{"HKD", "1\n", 0, offline.ErrAmount},
		{"HKD", "١٢", 0, offline.ErrAmount},
		{"HKD", "１", 0, offline.ErrAmount},
		{"KWD", "1", 0, offline.ErrCurrency},
		{"", "1", 0, offline.ErrCurrency},
	}
	for _, row := range rows {
		t.Run(row.currency+" "+row.value, func(t *testing.T) {
			got, err := offline.ParseMoney(row.currency, row.value)
			if !errors.Is(err, row.err) {
				t.Fatalf("error %v, want %v", err, row.err)
			}
			if err == nil && got != (offline.Money{Currency: row.currency, Value: row.want}) {
				t.Errorf("got %+v", got)
			}
		})
	}
	if _, err := offline.ParseMoney("HKD", strings.Repeat("1", 10_000)); err == nil || len(err.Error()) > 200 {
		t.Errorf("a long amount makes an error of %d characters", len(err.Error()))
	}
}

func TestAmountsAreBoundedOnBothSides(t *testing.T) {
	for _, v := range []int64{0, -1, math.MinInt64, 10_000_000_000_000_000, math.MaxInt64} {
		if _, err := offline.NewMoney("HKD", v); !errors.Is(err, offline.ErrAmount) {
			t.Errorf("NewMoney(%d) = %v, want ErrAmount", v, err)
		}
	}
	for _, v := range []int64{1, 9_999_999_999_999_999} {
		if _, err := offline.NewMoney("HKD", v); err != nil {
			t.Errorf("NewMoney(%d) = %v", v, err)
		}
	}
}

func TestAdd(t *testing.T) {
	hkd := func(v int64) offline.Money { return offline.Money{Currency: "HKD", Value: v} }
	if got, err := hkd(1).Add(hkd(2)); err != nil || got != hkd(3) {
		t.Errorf("1 + 2 = %v, %v", got, err)
	}
	if got, err := hkd(9_999_999_999_999_998).Add(hkd(1)); err != nil || got != hkd(9_999_999_999_999_999) {
		t.Errorf("the largest sum = %v, %v", got, err)
	}
	if _, err := hkd(9_999_999_999_999_999).Add(hkd(1)); !errors.Is(err, offline.ErrAmount) {
		t.Errorf("beyond the largest: %v", err)
	}
	if _, err := hkd(math.MaxInt64).Add(hkd(math.MaxInt64)); !errors.Is(err, offline.ErrAmount) {
		t.Errorf("beyond int64: %v", err)
	}
	if _, err := hkd(1).Add(offline.Money{Currency: "USD", Value: 1}); !errors.Is(err, offline.ErrCurrency) {
		t.Errorf("another currency: %v", err)
	}
}

func TestMajorUnits(t *testing.T) {
	rows := []struct {
		m    offline.Money
		want string
	}{
		{offline.Money{Currency: "HKD", Value: 12850}, "128.50"},
		{offline.Money{Currency: "HKD", Value: 5}, "0.05"},
		{offline.Money{Currency: "HKD", Value: 50}, "0.50"},
		{offline.Money{Currency: "HKD", Value: 100}, "1.00"},
		{offline.Money{Currency: "HKD"}, "0.00"},
		{offline.Money{Currency: "HKD", Value: -5}, "-0.05"},
		{offline.Money{Currency: "HKD", Value: 9_999_999_999_999_999}, "99999999999999.99"},
		{offline.Money{Currency: "JPY", Value: 100}, "100"},
		{offline.Money{Currency: "KRW", Value: 0}, "0"},
		{offline.Money{Currency: "IDR", Value: 10000}, "100.00"},
		{offline.Money{Currency: "TWD", Value: 10000}, "100.00"},
		{offline.Money{Currency: "KWD", Value: 1234}, "1234"}, // digits unknown: nothing is invented
	}
	for _, row := range rows {
		if got := row.m.Major(); got != row.want {
			t.Errorf("%s %d: Major = %q, want %q", row.m.Currency, row.m.Value, got, row.want)
		}
		if got := row.m.String(); got != row.m.Currency+" "+row.want {
			t.Errorf("String = %q", got)
		}
	}
}

func TestMoneyAsJSON(t *testing.T) {
	for _, m := range []offline.Money{{Currency: "HKD", Value: 12850}, {Currency: "JPY"}, {Currency: "HKD", Value: 9_999_999_999_999_999}} {
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back offline.Money
		if err := json.Unmarshal(data, &back); err != nil || back != m {
			t.Errorf("%s reads back as %v, %v", data, back, err)
		}
	}
	if data, _ := json.Marshal(offline.Money{Currency: "HKD", Value: 12850}); string(data) != `{"currency":"HKD","value":"12850"}` {
		t.Errorf("got %s", data)
	}
	for _, bad := range []string{
		`{"currency":"HKD","value":12850}`, `{"currency":"HKD","value":"128.50"}`, `{"currency":"HKD","value":"-1"}`,
		`{"currency":"HKD","value":""}`, `{"currency":"HKD"}`, `{"currency":"HKD","value":"1e2"}`, `{"currency":"HKD","value":null}`,
		`"12850"`, `12850`, `[]`, `{"currency":1,"value":"1"}`, `{"currency":"HKD","value":"99999999999999999"}`,
	} {
		m := offline.Money{Currency: "USD", Value: 7}
		if err := json.Unmarshal([]byte(bad), &m); err == nil {
			t.Errorf("%s reads as %v", bad, m)
		}
		if m != (offline.Money{Currency: "USD", Value: 7}) {
			t.Errorf("%s: a refused amount changed the receiver to %v", bad, m)
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"", "0", "1", "01", "128.50", "9999999999999999", "10000000000000000", "１"} {
		f.Add("HKD", s)
	}
	f.Fuzz(func(t *testing.T, currency, value string) {
		m, err := offline.ParseMoney(currency, value)
		if err != nil {
			if !m.IsZero() {
				t.Errorf("an error with %v", m)
			}
			return
		}
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"currency":"` + currency + `","value":"` + value + `"}`; string(data) != want {
			t.Errorf("%q of %q is sent as %s", value, currency, data)
		}
	})
}
