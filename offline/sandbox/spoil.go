package sandbox

import (
	"bytes"
	"encoding/base64"
	"strings"

	"posagent/offline"
)

// oversize is past any sensible limit on an answer of under a kilobyte.
const oversize = 2 << 20

// spoilContent applies the faults of an answer that is well signed all the same.
func spoilContent(fault Fault, h *headJSON, b *bodyJSON) {
	switch fault {
	case FaultForeignMsgID:
		h.ReqMsgID = "somebody-elses-message"
	case FaultOtherFunction:
		h.Function += "Other"
	case FaultForeignTrans:
		b.ID = "SOMEBODY-ELSES-PAYMENT"
	case FaultOtherAmount:
		eachAmount(b, func(m *offline.Money) { m.Value++ })
	case FaultOtherCurrency:
		eachAmount(b, func(m *offline.Money) {
			if m.Currency == "EUR" {
				m.Currency = "USD"
				return
			}
			m.Currency = "EUR"
		})
	case FaultOversized:
		b.ExtendInfo = strings.Repeat("x", oversize)
	}
}

func eachAmount(b *bodyJSON, change func(*offline.Money)) {
	for _, m := range []*offline.Money{b.OrderAmount, b.PayAmount, b.RefundAmount} {
		if m != nil {
			change(m)
		}
	}
}

// repeatStatus writes resultStatus a second time, with the opposite letter, in
// front of the first one.
func repeatStatus(raw []byte) []byte {
	const name = `"resultStatus"`
	i := bytes.Index(raw, []byte(name))
	if i < 0 {
		return raw
	}
	out := append([]byte{}, raw[:i]...)
	out = append(out, name+`:"`+opposite(raw)+`",`...)
	return append(out, raw[i:]...)
}

// opposite is F for an answer that says S, otherwise S.
func opposite(raw []byte) string {
	if bytes.Contains(raw, []byte(`"SUCCESS"`)) {
		return "F"
	}
	return "S"
}

// forged is the answer as an attacker would like it, in the same layout.
func forged(raw []byte) []byte {
	to := opposite(raw)
	out := raw
	for _, from := range []string{"S", "F", "U"} {
		out = bytes.ReplaceAll(out, []byte(`"`+from+`"`), []byte(`"`+to+`"`))
	}
	return out
}

// spoilEnvelope applies the faults of signature and envelope.
func spoilEnvelope(fault Fault, s *style, raw []byte, signature string) []byte {
	text := string(raw)
	switch fault {
	case FaultNoSignature:
		return s.envelope(raw, "")
	case FaultBadSignature:
		sig, _ := base64.StdEncoding.DecodeString(signature) // made by sign a moment ago
		sig[len(sig)/2] ^= 0x40
		return s.envelope(raw, base64.StdEncoding.EncodeToString(sig))
	case FaultReformatted:
		return s.envelope([]byte("{ \n"+strings.TrimPrefix(text, "{")), signature)
	case FaultDuplicateKeys:
		return []byte(`{"response":` + text + `,"response":` + string(forged(raw)) + `,"signature":"` + signature + `"}`)
	case FaultCaseKeys:
		return []byte(`{"response":` + text + `,"Response":` + string(forged(raw)) + `,"signature":"` + signature + `"}`)
	case FaultTrailing:
		whole := s.envelope(raw, signature)
		return append(whole, s.envelope(forged(raw), signature)...)
	}
	return s.envelope(raw, signature)
}
