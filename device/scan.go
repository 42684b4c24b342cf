package device

import (
	"log/slog"
	"time"

	"posagent/device/aim"
	"posagent/device/decode"
)

// Scan is one label, handed to one caller once. It prints with its text masked.
type Scan struct {
	Text      decode.Text
	Symbology aim.Symbology
	// AIM is the identifier as the scanner sent it; zero: none.
	AIM   aim.ID
	Class decode.Class
	// Source is the name of the scanner.
	Source string
	// At is the wall time at which the label was complete.
	At time.Time
	// ReadAt is the same moment on the monotonic clock: measure from it.
	ReadAt time.Time
}

// String gives what the scan is, with its text masked.
func (s Scan) String() string {
	return string(s.Class.Code) + " " + s.Text.Masked() + " from " + s.Source
}

// LogValue gives the scan's parts, with its text masked.
func (s Scan) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("source", s.Source),
		slog.String("class", string(s.Class.Code)),
		slog.String("symbology", string(s.Symbology)),
		slog.String("text", s.Text.Masked()),
		slog.Int("length", s.Text.Len()),
	)
}

// Reason says why a label was not handed over. The names are stable.
type Reason string

// Why a label was not handed over.
const (
	// ReasonClosed: nobody was waiting for a scan.
	ReasonClosed Reason = "closed"
	// ReasonEarly: it began before somebody was waiting.
	ReasonEarly Reason = "early"
	// ReasonDuplicate: the same label was handed over a moment ago.
	ReasonDuplicate Reason = "duplicate"
	// ReasonFraming: the bytes did not make a label.
	ReasonFraming Reason = "framing"
)

// Sentences are what the cashier reads about a refused scan, in English.
func (r Reason) Sentences() decode.Sentences {
	switch r {
	case ReasonClosed:
		return decode.Sentences{Title: "Not waiting for a scan", What: "The scan was not used. No payment was started.", Do: "Scan again when the window asks for the customer's code."}
	case ReasonEarly:
		return decode.Sentences{Title: "Scanned too early", What: "The scan began before the sale was ready and was not used. No payment was started.", Do: "Scan the customer's code again."}
	case ReasonDuplicate:
		return decode.Sentences{Title: "Scanned twice", What: "The same code was read a moment ago. The second read was not used.", Do: ""}
	default:
		return decode.Sentences{Title: "Scan not readable", What: "The scanner sent something that is not a code. No payment was started.", Do: "Scan again. If it happens again, tell store IT."}
	}
}

// Refused reports a label that was not handed over. It does not hold the label:
// nobody can charge it later.
type Refused struct {
	Reason Reason
	// Source is the name of the scanner.
	Source string
	// Class, Masked and Length describe the label; they are zero for
	// ReasonFraming.
	Class  decode.Class
	Masked string
	Length int
	// Framing is set for ReasonFraming.
	Framing *decode.FramingError
	At      time.Time
}
