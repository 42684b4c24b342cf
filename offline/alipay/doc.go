// Package alipay speaks the gateway's wire protocol: JSON over HTTPS, in the
// envelope of alipay.intl.acquiring (docs.antom.com/ac/openapi/apispec). Client
// implements offline.Gateway.
//
// A message is {"request":{"head","body"},"signature"}, an answer
// {"response":{"head","body"},"signature"}. The signature covers the exact bytes
// of the value of request or response, so both are cut and joined as bytes and
// never serialised a second time.
//
// Nothing in an answer is believed before its signature verifies with the
// gateway's key and it names the function and the reqMsgId that were sent.
// Everything else (an HTTP error, a proxy's page, a truncated or unsigned
// answer) is offline.NoAnswer: it says nothing about the money.
//
// What an answer proves is decided in one table (classify.go), from the
// operation, resultStatus, resultCode and the trade's status word. Names that
// the public pages do not confirm are marked "unconfirmed" where they stand.
package alipay
