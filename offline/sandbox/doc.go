// Package sandbox is a pretend acquirer: it speaks the in-store functions of
// alipay.intl.acquiring on their real paths, keeps books of who was charged and
// who got money back, and can be told to fail in every way that a gateway and
// the network before it fail. Tests audit its books; people train on it.
//
// New makes the Gateway, an http.Handler. Serve puts it on a listener;
// Transport calls it in-process, without sockets, so that it also works in a
// testing/synctest bubble. What happens to a payment is a Scenario, chosen by
// the payment's amount (Catalogue, ScenarioHelp), by Script, or by
// POST /sandbox/scenario.
//
// # What it proves
//
// A client that passes against it signs the exact bytes it sends, verifies the
// exact bytes it gets (answers are laid out irregularly on purpose), keeps to
// the documented names, lengths and constants, never reuses a reqMsgId, and
// keeps one amount and one code under one merchantTransId. It is stricter than
// documented where strictness finds faults: unknown and repeated field names
// are refused. The Ledger is the customer's side of the story: whatever the
// terminal shows can be compared with Ledger.Balance.
//
// The request parser, the signature check and the cancel window are written
// here once more on purpose: sharing them with the client would share its
// faults.
//
// With Options.LedgerPath a new process knows every trade that moved money.
// Payments that were pending, declined or still on their way are forgotten with
// the old one: they had taken nothing.
//
// # What it assumes
//
// The public pages of version 2.0.4 (global.alipay.com/docs/ac/publicapi/pay,
// payquery, paycancel, refund) give the request tables, the envelope and the
// signature. They do not give the answers. Assumed here, until a real account
// shows otherwise:
//
//   - the answer's field names acquirementStatus, orderAmount, payAmount,
//     paymentTime, action (CLOSE, REFUND), refundId, refundTime, and the status
//     words INIT, PAYING, SUCCESS, CLOSED;
//   - Content-Type application/json, HTTP 200 for every business answer, and
//     that refusals are signed too;
//   - all result codes but SUCCESS, ORDER_NOT_EXIST and UNKNOWN_EXCEPTION, which
//     come from the sibling products of the same platform;
//   - that a payment code is used up by any processed payment, also a declined
//     one; that a refunded payment cannot be cancelled; that refunds are taken
//     for 90 days;
//   - the alphabet of merchantTransId and the lengths inside order.
package sandbox
