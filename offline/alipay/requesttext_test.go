package alipay

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// byEncodingJSON is what text must give.
func byEncodingJSON(t *testing.T, r requestJSON) string {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

// fillTexts gives every text of a request a value, those that are added later
// too, and every part that may be absent a presence.
func fillTexts(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillTexts(v.Elem(), text)
	case reflect.Struct:
		for i := range v.NumField() {
			fillTexts(v.Field(i), text)
		}
	default:
	}
}

func TestARequestIsWrittenAsEncodingJSONWritesIt(t *testing.T) {
	for _, text := range []string{
		"Sunrise Mart", "", " ", `"quoted" \ & <b>`, "晨光超市", "tab\tand\nline", "\u2028", "a\xffb", "\x00\x7f", "~}{,:",
	} {
		var full requestJSON
		fillTexts(reflect.ValueOf(&full).Elem(), text)
		without := full
		without.Body.Order, without.Body.RefundAmount = nil, nil
		for name, r := range map[string]requestJSON{"full": full, "without order": without} {
			got, err := r.text()
			if err != nil {
				t.Fatal(err)
			}
			if want := byEncodingJSON(t, r); string(got) != want {
				t.Errorf("%s, with %q:\ngot  %s\nwant %s", name, text, got, want)
			}
		}
	}
}
