package decode

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestMasked(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"payment code", "281234567890124394", "28••••••••••••4394"},
		{"as long as shown in part", "281234567890", "28••••••7890"},
		{"too short to show any", "28123456789", "•••••••••••"},
		{"empty", "", ""},
		{"long QR", "https://qr.alipayplus.com/2816660000000000000000000000000", "ht" + strings.Repeat("•", 32) + "0000"},
		{"control characters cannot break a log line", "\n\r3456789012\x1b[2J", "??••••••••••?[2J"},
		{"not UTF-8", "\xff\xfe3456789012\xff\xff", "??••••••••12??"},
		{"full-width digits", "２８１２３４５６７８９０１２３４５６", "??••••••••••••????"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := NewText(tc.text).Masked(); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

func TestATextIsMaskedByEveryRoute(t *testing.T) {
	const whole = "281234567890124394"
	const mask = "28••••••••••••4394"
	text := NewText(whole)
	type wrap struct {
		Exported   Text
		unexported Text
		Pointer    *Text
		Any        any
	}
	w := wrap{text, text, &text, text}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v"} {
		args := []any{text}
		if strings.HasPrefix(verb, "%T") {
			args = []any{text, text}
		}
		if s := fmt.Sprintf(verb, args...); !strings.Contains(s, mask) {
			t.Errorf("%s prints %s", verb, s)
		}
		fmt.Fprintf(&out, verb, w)
		fmt.Fprintf(&out, verb, &w)
		fmt.Fprintf(&out, verb, []Text{text})
		fmt.Fprintf(&out, verb, map[string]Text{"a": text})
	}
	fmt.Fprintln(&out, text, fmt.Errorf("bad %v", text))
	js, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(js)
	type named struct{ T Text }
	asXML, err := xml.Marshal(named{text})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asXML)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("scan", "text", text, "wrap", w, "group", slog.GroupValue(slog.Any("t", text)))
	}
	for _, secret := range []string{whole, whole[3:14], fmt.Sprintf("%x", whole), fmt.Sprintf("%X", whole)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s shows in:\n%s", secret, out.String())
		}
	}
	if got := string(must(json.Marshal(text))); got != `"`+mask+`"` {
		t.Errorf("JSON %s", got)
	}
	if text.Reveal() != whole || text.Len() != 18 || !text.Equal(NewText(whole)) || text.Equal(NewText("x")) {
		t.Error("Reveal, Len or Equal is wrong")
	}
	var zero Text
	if zero.Reveal() != "" || zero.String() != "" || !zero.Equal(NewText("")) {
		t.Error("the zero Text is not an empty label")
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
