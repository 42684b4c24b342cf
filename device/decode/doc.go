// Package decode turns the bytes of a scanner into labels and says what each
// label is. It is pure: no clock, no port, no log.
//
// Bytes become labels in a Framer. It ends a label on the suffix that the
// scanner is set to send or, where there is none, on silence; the caller owns
// the clock and says when silence has lasted long enough. The same bytes give
// the same labels however the reads cut them up, and memory stays within one
// label whatever arrives.
//
// A label's text is a Text: it prints as a mask by every route, since most
// labels at a till are payment codes and a payment code is money for a minute.
//
// A Classifier sorts a label by its shape alone: payment code, another
// wallet's code, product, logistics label, store QR, or unreadable. Its Class
// carries a stable code and the sentences that a cashier reads. It never says
// whether money was taken: a label that is refused here has started nothing.
//
// The shapes are public facts. Alipay: digits only, 16 to 24 of them, starting
// 25 to 30, one use (Alipay's spot payment and Alipay+ terminal checklist).
// Alipay+ code format: up to 32 digits, of which 25 to 32 are reserved. WeChat
// Pay: 18 digits starting 10 to 15 (its code payment interface). UnionPay: 19
// digits starting 62. PayPay, LINE Pay, Rakuten Pay and others in Japan: the
// operator's number in front; see issuers. Taiwan Pay's store codes: links that
// begin TWQRP. Articles and logistics labels: the GS1 General Specifications;
// ISBN and ISSN: ISO 2108 and ISO 3297; store and consumer QR of banks: EMVCo's
// QR specifications.
package decode
