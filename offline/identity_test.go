package offline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"posagent/offline"
)

func TestParseIdentityCode(t *testing.T) {
	good := []string{"2512345678901234", "289012345678904394", "30" + strings.Repeat("7", 22), "2600000000000000"}
	for _, text := range good {
		c, err := offline.ParseIdentityCode(text)
		if err != nil || c.Reveal() != text || c.IsZero() {
			t.Errorf("%s: %v", text, err)
		}
	}
	bad := []string{
		"", "28", "251234567890123", "30" + strings.Repeat("7", 23), "2412345678901234", "3112345678901234",
		"9783161484100000", "25123456789O1234", "2512345678 01234", "2512345678901234\r", " 2512345678901234",
		"２５１２３４５６", "25123456789012－4", "http://example.com/2512345678901234",
	}
	for _, text := range bad {
		c, err := offline.ParseIdentityCode(text)
		if !errors.Is(err, offline.ErrIdentityCode) || !c.IsZero() {
			t.Errorf("%q: %v, %v; want ErrIdentityCode", text, c, err)
		}
		if err != nil && len(text) >= 10 && strings.Contains(err.Error(), text[2:]) {
			t.Errorf("%q: the error repeats what was read: %v", text, err)
		}
	}
}

// I9: whoever holds a payment code can charge the customer.
func TestAPaymentCodePrintsAsItsMaskByEveryRoute(t *testing.T) {
	const digits = "289012345678904394"
	code, err := offline.ParseIdentityCode(digits)
	if err != nil {
		t.Fatal(err)
	}
	type hidden struct{ code offline.IdentityCode } // fmt cannot call methods on unexported fields
	type shown struct{ Code offline.IdentityCode }
	routes := map[string]string{"error": fmt.Errorf("refused: %v", code).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%08v", "%-30s"} {
		for name, v := range map[string]any{
			"value": code, "pointer": &code, "hidden": hidden{code}, "pointer to hidden": &hidden{code},
			"shown": shown{code}, "slice": []offline.IdentityCode{code}, "map": map[string]hidden{"k": {code}},
			"key": map[offline.IdentityCode]int{code: 1}, "request": offline.Request{Op: offline.OpPay, Code: code},
		} {
			routes[verb+" "+name] = fmt.Sprintf(verb, v)
		}
	}
	for name, v := range map[string]any{"value": code, "shown": shown{code}, "key": map[offline.IdentityCode]int{code: 1}, "request": offline.Request{Code: code}} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		routes["json "+name] = string(data)
	}
	for name, v := range map[string]any{"value": code, "hidden": hidden{code}, "shown": shown{code}, "pointer": &code} {
		var text, jsn bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&jsn, nil)).Info("x", "v", v)
		routes["slog text "+name], routes["slog json "+name] = text.String(), jsn.String()
	}
	inHex := fmt.Sprintf("%x", digits)
	for route, out := range routes {
		for _, secret := range []string{digits, digits[2:14], inHex, strings.ToUpper(inHex), inHex[4:28]} {
			if strings.Contains(out, secret) {
				t.Errorf("%s prints the code: %s", route, out)
			}
		}
	}
	if got, want := fmt.Sprint(code), "28••••••••••••4394"; got != want {
		t.Errorf("the mask is %s, want %s", got, want)
	}
}

func TestMaskCode(t *testing.T) {
	rows := map[string]string{
		"":                         "",
		"1234":                     "••••",
		"123456789012345":          strings.Repeat("•", 15),
		"2890123456784394":         "28••••••••••4394",
		"289012345678901234564394": "28••••••••••••••••••4394",
	}
	for in, want := range rows {
		if got := offline.MaskCode(in); got != want {
			t.Errorf("MaskCode(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestADigestKnowsTheCodeAgainAndTellsNothing(t *testing.T) {
	a, _ := offline.ParseIdentityCode("289012345678904394")
	again, _ := offline.ParseIdentityCode("289012345678904394")
	b, _ := offline.ParseIdentityCode("289012345678914394") // the same mask
	key, other := []byte("a key of this journal"), []byte("a key of another one")
	if offline.DigestCode(key, a) != offline.DigestCode(key, again) {
		t.Error("the same code has two digests")
	}
	if offline.DigestCode(key, a).Hash == offline.DigestCode(key, b).Hash {
		t.Error("two codes have one hash")
	}
	if offline.DigestCode(key, a).Hash == offline.DigestCode(other, a).Hash {
		t.Error("the hash does not depend on the key")
	}
	d := offline.DigestCode(key, a)
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "89012345678904394") || len(d.Hash) != 32 || d.Masked != a.Masked() {
		t.Errorf("digest %s", data)
	}
}

func FuzzParseIdentityCode(f *testing.F) {
	for _, s := range []string{"", "289012345678904394", "2512345678901234", "28901234567890439４", "2\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := offline.ParseIdentityCode(text)
		if err != nil {
			if !c.IsZero() {
				t.Error("an error with a code")
			}
			return
		}
		if c.Reveal() != text || len(text) < 16 || len(text) > 24 {
			t.Errorf("%q was accepted as %q", text, c.Reveal())
		}
		if strings.Contains(fmt.Sprintf("%v %+v %#v %q %x", c, c, c, c, c), text[2:len(text)-4]) {
			t.Error("the mask shows the code")
		}
	})
}
