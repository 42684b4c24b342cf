// Package model decides what the cashier's window shows and what its keys do.
//
// It has no toolkit, no files, no network and no clock. A Model takes in Events:
// what the local API tells, keys, taps, scans and the passing of time. It answers
// with Commands, which somebody else carries out, and with a Screen, which a view
// draws. A view decides nothing: it draws what the Screen holds and hands back the
// ids of what was pressed.
//
// # What is shown
//
// The words about money are those of the local API, by their keys, and a state is
// shown as the API tells it: "paid" stands on a Screen if, and only if, the API has
// said "paid". What the window itself has to say (a lost connection, a key that
// cannot be used now) never speaks of a result.
//
// A result stays until somebody dismisses it, or until the till takes up the next
// sale. While a sale is under way its amount cannot be edited. A state that lasts
// less than 300 ms is not shown where it would only flash.
//
// # What is done
//
// Each press is one intention, and an intention has one id: the ids of sales and
// refunds are made once and used again whenever the call has to be repeated, so
// that no press and no lost answer can charge or refund twice. While a call is
// under way its button is disabled, and further presses are ignored.
package model
