package model

import (
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
)

// Words are the texts of one language.
type Words interface {
	// T is a text of the window by its key. Arguments go where the text has %[1]s,
	// %[2]s and so on; all of them are strings.
	T(key string, args ...any) string
	// Message is what the cashier is told about a sale or refund, by Message.Key.
	Message(m wire.Message) cashier.Text
	// Notice is what the cashier is told about a scan, by Notice.Code: Title, what
	// happened as Money, what to do as Action.
	Notice(n wire.Notice) cashier.Text
	// Warning is what stands in the way, by Warning.Code: Title, what is wrong as
	// Money, the remedy as Action.
	Warning(w wire.Warning) cashier.Text
	// ScannerWarning is Warning for one about a scanner whose state is known.
	ScannerWarning(w wire.Warning, s wire.Scanner) cashier.Text
	// Money is an amount with its currency, such as "HK$ 128.50".
	Money(m wire.Money) string
	// Clock is a time of the day, such as "14:32".
	Clock(t time.Time) string
	// Moment is a day and time, such as "21 Nov 14:32:10".
	Moment(t time.Time) string
	// Day is a day, such as "21 Nov 2026".
	Day(t time.Time) string
	// Span is a duration, such as "1:25".
	Span(d time.Duration) string
}
