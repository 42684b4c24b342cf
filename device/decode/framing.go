package decode

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Suffix says what ends a label. The names are those of the configuration.
type Suffix string

// What can end a label. Everywhere, empty labels are dropped, so a doubled
// suffix (CR CR, CR LF CR LF) is one.
const (
	// SuffixAuto ends a label at CR, LF or ETX, and on silence as long as the
	// scanner has not been seen to send one of them.
	SuffixAuto Suffix = "auto"
	// SuffixCR ends a label at CR alone: an LF inside is data.
	SuffixCR Suffix = "cr"
	// SuffixLF ends a label at LF; a CR before it goes too.
	SuffixLF Suffix = "lf"
	// SuffixCRLF ends a label at CR LF only: a single CR or LF is data.
	SuffixCRLF Suffix = "crlf"
	// SuffixTab ends a label at TAB.
	SuffixTab Suffix = "tab"
	// SuffixETX ends a label at ETX; STX begins one.
	SuffixETX Suffix = "etx"
	// SuffixNone ends a label on silence alone.
	SuffixNone Suffix = "none"
)

// Suffixes lists the values that a configuration may hold.
func Suffixes() []Suffix {
	return []Suffix{SuffixAuto, SuffixCR, SuffixLF, SuffixCRLF, SuffixTab, SuffixETX, SuffixNone}
}

// AIMMode says what to do with an AIM identifier before a label.
type AIMMode string

const (
	// AIMAuto takes "]cm" off when c is a letter of ISO/IEC 15424.
	AIMAuto AIMMode = "auto"
	// AIMStrip takes anything of the form "]cm" off.
	AIMStrip AIMMode = "strip"
	// AIMNone leaves the label as it is: its symbology stays unknown.
	AIMNone AIMMode = "none"
)

// AIMModes lists the values that a configuration may hold.
func AIMModes() []AIMMode { return []AIMMode{AIMAuto, AIMStrip, AIMNone} }

const (
	// DefaultIdleGap is the silence that ends a label of a scanner without a
	// suffix. Serial time-outs come in tenths of a second, and a shorter gap
	// cuts labels in two when the machine is busy.
	DefaultIdleGap = 200 * time.Millisecond

	// DefaultMaxLength holds the longest label that any symbology can carry:
	// 7,089 digits in a QR code of version 40-L (4,296 letters and digits).
	DefaultMaxLength = 7089

	// stallGaps is how many idle gaps a label may stall before its end when the
	// end is a character. Giving up after one gap would make the rest of the
	// label, when it comes, look like a whole one.
	stallGaps = 5
)

// Framing is how a scanner is set to wrap its labels. The zero value suits a
// scanner with factory settings.
type Framing struct {
	// Prefix is sent before every label, ahead of the AIM identifier. A label
	// without it lost its beginning and is dropped. Empty: none. An STX is
	// taken off without being configured.
	Prefix string
	// Suffix ends a label. Empty: SuffixAuto.
	Suffix Suffix
	// AIM says what to do with an AIM identifier. Empty: AIMAuto.
	AIM AIMMode
	// IdleGap is the silence that ends a label where no character does. Zero:
	// DefaultIdleGap.
	IdleGap time.Duration
	// MaxLength is the longest label, in bytes, without prefix, identifier and
	// suffix. Zero: DefaultMaxLength.
	MaxLength int
}

// Validate names every value that cannot be used.
func (f Framing) Validate() error {
	var errs []error
	if f.Suffix != "" && !slices.Contains(Suffixes(), f.Suffix) {
		errs = append(errs, fmt.Errorf("suffix %q is not known; use one of %s", f.Suffix, list(Suffixes())))
	}
	if f.AIM != "" && !slices.Contains(AIMModes(), f.AIM) {
		errs = append(errs, fmt.Errorf("aim %q is not known; use one of %s", f.AIM, list(AIMModes())))
	}
	if f.IdleGap < 0 {
		errs = append(errs, fmt.Errorf("idle gap %v is negative", f.IdleGap))
	}
	if f.MaxLength < 0 {
		errs = append(errs, fmt.Errorf("maximum length %d is negative", f.MaxLength))
	}
	if strings.ContainsAny(f.Prefix, "\r\n\x03") {
		errs = append(errs, fmt.Errorf("prefix %q holds CR, LF or ETX, which end a label", f.Prefix))
	}
	return errors.Join(errs...)
}

func (f Framing) withDefaults() Framing {
	if f.Suffix == "" {
		f.Suffix = SuffixAuto
	}
	if f.AIM == "" {
		f.AIM = AIMAuto
	}
	if f.IdleGap == 0 {
		f.IdleGap = DefaultIdleGap
	}
	if f.MaxLength == 0 {
		f.MaxLength = DefaultMaxLength
	}
	// The framer takes a leading STX off by itself.
	f.Prefix = strings.TrimPrefix(f.Prefix, string(stx))
	return f
}

func list[S ~string](values []S) string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return strings.Join(names, ", ")
}

// FramingFault says why bytes did not become a label.
type FramingFault string

const (
	// FaultOverlong: more bytes than a label can have before its end.
	FaultOverlong FramingFault = "overlong"
	// FaultCutOff: the label began and its end never came.
	FaultCutOff FramingFault = "cut_off"
	// FaultNoPrefix: the configured prefix is missing.
	FaultNoPrefix FramingFault = "no_prefix"
	// FaultDamaged: the transport lost a part of the label, or got something
	// that it cannot read.
	FaultDamaged FramingFault = "damaged"
)

// FramingError reports bytes that were dropped whole. It never holds them.
type FramingError struct {
	Fault FramingFault
	// Bytes is how many were dropped.
	Bytes int
	// Detail says more, where a transport knows it. It never holds any part of
	// a label.
	Detail string
}

func (e *FramingError) Error() string {
	switch e.Fault {
	case FaultOverlong:
		return fmt.Sprintf("dropped %d bytes: longer than any label", e.Bytes)
	case FaultCutOff:
		return fmt.Sprintf("dropped %d bytes: the end of the label did not come", e.Bytes)
	case FaultDamaged:
		s := fmt.Sprintf("dropped %d bytes: a part of the label is lost or cannot be read", e.Bytes)
		if e.Detail != "" {
			s += ": " + e.Detail
		}
		return s
	default:
		return fmt.Sprintf("dropped %d bytes: the label does not begin with the configured prefix", e.Bytes)
	}
}

// Hint says what store IT can look at.
func (e *FramingError) Hint() string {
	switch e.Fault {
	case FaultOverlong:
		return "check that the scanner's baud rate, parity and suffix are those of the configuration"
	case FaultCutOff:
		return "check the cable, and that the scanner sends the configured suffix (suffix = \"auto\" takes CR, LF, ETX or silence)"
	case FaultDamaged:
		return "check the cable, and in keyboard mode that layout is the one that the scanner is set to"
	default:
		return "check that the scanner's prefix is the configured one, or leave prefix empty"
	}
}
