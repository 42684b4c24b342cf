package alipay

import (
	"errors"
	"fmt"
	"slices"
)

// errUnsigned is an answer without a signature, as siblings of this gateway
// send when they could not tell who asked. It proves nothing.
var errUnsigned = errors.New("the answer is not signed")

// envelope is an answer cut into its two parts.
type envelope struct {
	response  []byte // the exact bytes that the signature covers
	signature string
}

// joinEnvelope puts a request and its signature together by hand: json.Marshal
// would rewrite the signed bytes (white space, "<", "&").
func joinEnvelope(request []byte, signature string) []byte {
	const open, middle, end = `{"request":`, `,"signature":"`, `"}`
	return slices.Concat([]byte(open), request, []byte(middle), []byte(signature), []byte(end))
}

// cutEnvelope accepts exactly one object with one key "response", an object,
// and one key "signature", a string, in either order, and nothing else at all.
// With errUnsigned the response is there, for the operator's eyes only.
func cutEnvelope(text []byte) (envelope, error) {
	var env envelope
	var signed bool
	c := cutter{text: text}
	err := c.object(1, func(key, value []byte) error {
		switch string(key) {
		case `"response"`:
			if env.response != nil {
				return errors.New(`the answer has two keys "response"`)
			}
			if value[0] != '{' {
				return errors.New(`the answer's "response" is not an object`)
			}
			env.response = value
		case `"signature"`:
			if signed {
				return errors.New(`the answer has two keys "signature"`)
			}
			if value[0] != '"' {
				return errors.New(`the answer's "signature" is not a string`)
			}
			signed = true
			var err error
			env.signature, err = unquote(value)
			return err
		default:
			return errors.New(`the answer has a key beside "response" and "signature"`)
		}
		return nil
	})
	if err != nil {
		return envelope{}, err
	}
	if c.next(); c.at != len(text) {
		return envelope{}, fmt.Errorf("%w: %d bytes follow the answer", errJSON, len(text)-c.at)
	}
	if env.response == nil {
		return envelope{}, errors.New(`the answer has no "response"`)
	}
	if !signed || env.signature == "" {
		return env, errUnsigned
	}
	return env, nil
}
