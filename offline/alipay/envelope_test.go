package alipay

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestCutEnvelopeReturnsTheExactBytesOfResponse(t *testing.T) {
	for name, tc := range map[string]struct{ text, response, signature string }{
		"plain":               {`{"response":{"a":1},"signature":"c2ln"}`, `{"a":1}`, "c2ln"},
		"other order":         {`{"signature":"c2ln","response":{}}`, `{}`, "c2ln"},
		"white space":         {" \r\n{\t\"response\" : { \"a\" : [ 1 , -2.5e+3 ] }\n, \"signature\" :\n\"c2ln\" } \n", `{ "a" : [ 1 , -2.5e+3 ] }`, "c2ln"},
		"brackets in text":    {`{"response":{"m":"}\"]{,\\"},"signature":"c2ln"}`, `{"m":"}\"]{,\\"}`, "c2ln"},
		"escaped slash":       {`{"response":{"m":"é世"},"signature":"a\/b+"}`, `{"m":"é世"}`, "a/b+"},
		"words":               {`{"response":{"a":true,"b":false,"c":null,"d":[],"e":0},"signature":"x"}`, `{"a":true,"b":false,"c":null,"d":[],"e":0}`, "x"},
		"nested same names":   {`{"response":{"response":{},"signature":"no"},"signature":"x"}`, `{"response":{},"signature":"no"}`, "x"},
		"key of other object": {`{"response":{"Signature":"no"},"signature":"x"}`, `{"Signature":"no"}`, "x"},
	} {
		t.Run(name, func(t *testing.T) {
			env, err := cutEnvelope([]byte(tc.text))
			if err != nil || string(env.response) != tc.response || env.signature != tc.signature {
				t.Errorf("got %q, %q, %v", env.response, env.signature, err)
			}
		})
	}
}

func TestCutEnvelopeRefusesWhatIsNotExactlyOneResponseAndOneSignature(t *testing.T) {
	const good = `{"response":{"a":1},"signature":"c2ln"}`
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	for name, text := range map[string]string{
		"nothing":                     "",
		"white space":                 " \n",
		"html":                        "<html><body>Please log in</body></html>",
		"null":                        "null",
		"array":                       "[" + good + "]",
		"text":                        `"x"`,
		"empty object":                "{}",
		"no response":                 `{"signature":"c2ln"}`,
		"two responses":               `{"response":{"a":1},"response":{"a":2},"signature":"c2ln"}`,
		"response in capitals":        `{"response":{"a":1},"Response":{"a":2},"signature":"c2ln"}`,
		"only in capitals":            `{"RESPONSE":{"a":1},"signature":"c2ln"}`,
		"escaped key":                 `{"response":{"a":1},"\u0072esponse":{"a":2},"signature":"c2ln"}`,
		"two signatures":              `{"response":{"a":1},"signature":"c2ln","signature":"c2ln"}`,
		"signature in capitals":       `{"response":{"a":1},"signature":"c2ln","SIGNATURE":"x"}`,
		"a key more":                  `{"response":{"a":1},"signature":"c2ln","sign":"x"}`,
		"response is text":            `{"response":"{}","signature":"c2ln"}`,
		"response is null":            `{"response":null,"signature":"c2ln"}`,
		"signature is null":           `{"response":{},"signature":null}`,
		"signature is a number":       `{"response":{},"signature":1}`,
		"rubbish behind":              good + "x",
		"second answer behind":        good + good,
		"zero byte behind":            good + "\x00",
		"byte order mark":             "\ufeff" + good,
		"comma at the end":            `{"response":{"a":1},"signature":"c2ln",}`,
		"no comma":                    `{"response":{"a":1}"signature":"c2ln"}`,
		"no colon":                    `{"response"{"a":1},"signature":"c2ln"}`,
		"single quotes":               `{'response':{},'signature':'x'}`,
		"comment":                     `{"response":{}/**/,"signature":"x"}`,
		"control character in text":   "{\"response\":{\"a\":\"\n\"},\"signature\":\"x\"}",
		"unknown escape":              `{"response":{"a":"\x41"},"signature":"x"}`,
		"bad unicode escape":          `{"response":{"a":"\u00g1"},"signature":"x"}`,
		"leading zero":                `{"response":{"a":01},"signature":"x"}`,
		"bare minus":                  `{"response":{"a":-},"signature":"x"}`,
		"point without digits":        `{"response":{"a":1.},"signature":"x"}`,
		"exponent without digits":     `{"response":{"a":1e+},"signature":"x"}`,
		"not a number":                `{"response":{"a":NaN},"signature":"x"}`,
		"half a word":                 `{"response":{"a":tru},"signature":"x"}`,
		"key is no text":              `{"response":{1:2},"signature":"x"}`,
		"array with a trailing comma": `{"response":{"a":[1,]},"signature":"x"}`,
		"mismatched brackets":         `{"response":{"a":[1}},"signature":"x"}`,
		"too deep":                    `{"response":{"a":` + deep + `},"signature":"x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if env, err := cutEnvelope([]byte(text)); err == nil || errors.Is(err, errUnsigned) {
				t.Errorf("accepted as %+v, %v", env, err)
			}
		})
	}
}

func TestCutEnvelopeRefusesEveryTruncation(t *testing.T) {
	text := `{"response":{"a":[1,-2.5e3,true,null,"\u00e9\n"],"b":{}},"signature":"c2ln"}`
	for n := range len(text) {
		if _, err := cutEnvelope([]byte(text[:n])); !errors.Is(err, errTruncated) {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
}

func TestCutEnvelopeKeepsAnUnsignedAnswerApart(t *testing.T) {
	for _, text := range []string{`{"response":{"a":1}}`, `{"response":{"a":1},"signature":""}`} {
		env, err := cutEnvelope([]byte(text))
		if !errors.Is(err, errUnsigned) || string(env.response) != `{"a":1}` {
			t.Errorf("%s: %q, %v", text, env.response, err)
		}
	}
}

func TestJoinEnvelopeSendsTheSignedBytesUnchanged(t *testing.T) {
	request := []byte(`{"a": "<&>", "b" :  1}`)
	got := joinEnvelope(request, "c2ln")
	if want := `{"request":{"a": "<&>", "b" :  1},"signature":"c2ln"}`; string(got) != want {
		t.Errorf("%s", got)
	}
}

// FuzzCutEnvelope: whatever comes in, there is no panic, and what is accepted
// is JSON to encoding/json too, which finds the very same bytes.
func FuzzCutEnvelope(f *testing.F) {
	for _, seed := range []string{
		`{"response":{"head":{},"body":{"resultInfo":{"resultStatus":"S"}}},"signature":"c2ln"}`,
		" {\"signature\":\"a\\/b\",\"response\":{\"a\":[1,2.5e-3,true,null,{}]}}\n",
		`{"response":{"a":"\ud83d\ude00 \ud83d"},"signature":"x"}`,
		`{"response":{},"Response":{},"signature":"x"}`, `{"response":{}}`, `[`, "\xff",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		env, err := cutEnvelope(text)
		if err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		var signature string
		if err := json.Unmarshal(want["signature"], &signature); err != nil {
			t.Fatal(err)
		}
		if len(want) != 2 || !bytes.Equal(env.response, want["response"]) || env.signature != signature {
			t.Fatalf("cut %q, %q out of %q", env.response, env.signature, text)
		}
		_, _ = readAnswer(env.response) // must not panic
	})
}

// FuzzReadAnswer: the fields that are read are those that encoding/json reads,
// and an object with one of them twice is never accepted.
func FuzzReadAnswer(f *testing.F) {
	f.Add([]byte(`{"head":{"reqMsgId":"1"},"body":{"resultInfo":{"resultStatus":"S","resultCode":"A"},"merchantTransId":"x"}}`))
	f.Add([]byte(`{"body":{"resultInfo":{"resultStatus":"S"},"orderAmount":{"currency":"HKD","value":12}}}`))
	f.Add([]byte(`{"body":{"resultInfo":{"resultStatus":"S","resultStatus":"F"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := cutter{text: text}
		value, err := c.value(1)
		if err != nil || value[0] != '{' {
			return
		}
		a, err := readAnswer(value)
		if err != nil {
			return
		}
		var top, body, info map[string]json.RawMessage
		if json.Unmarshal(value, &top) != nil || json.Unmarshal(top["body"], &body) != nil ||
			json.Unmarshal(body["resultInfo"], &info) != nil {
			t.Fatalf("read a status out of %q", value)
		}
		var status any
		dec := json.NewDecoder(bytes.NewReader(info["resultStatus"]))
		dec.UseNumber()
		if err := dec.Decode(&status); err != nil {
			t.Fatal(err)
		}
		if s, ok := status.(string); ok && s != a.status {
			t.Fatalf("status %q, encoding/json reads %q", a.status, s)
		}
	})
}
