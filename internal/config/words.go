package config

import "reflect"

// Language of the texts for the cashier.
type Language string

// APIVersion is the version of the gateway's interface.
type APIVersion string

// SignType is the gateway's name of a signature algorithm.
type SignType string

// ScannerType is how a scanner is attached.
type ScannerType string

// Layout is the keyboard layout that a scanner in keyboard mode types by.
type Layout string

// Parity of a serial line.
type Parity string

// Suffix is what ends a label.
type Suffix string

// AIM is what is done with the AIM symbology identifier (ISO/IEC 15424) before a label.
type AIM string

// LogLevel is the least level that is written.
type LogLevel string

// LogFormat is the shape of a log line.
type LogFormat string

const (
	LanguageEnglish            Language = "en"
	LanguageSimplifiedChinese  Language = "zh-Hans"
	LanguageTraditionalChinese Language = "zh-Hant"
	LanguageJapanese           Language = "ja"
	LanguageKorean             Language = "ko"
	LanguageThai               Language = "th"

	APIVersion204 APIVersion = "2.0.4"
	APIVersion202 APIVersion = "2.0.2"
	APIVersion200 APIVersion = "2.0.0"

	SignTypeRSA2 SignType = "RSA2"
	SignTypeRSA  SignType = "RSA"

	ScannerSerial ScannerType = "serial"
	ScannerHID    ScannerType = "hid"

	LayoutUS Layout = "us"

	ParityNone Parity = "none"
	ParityOdd  Parity = "odd"
	ParityEven Parity = "even"

	SuffixAuto Suffix = "auto"
	SuffixCR   Suffix = "cr"
	SuffixLF   Suffix = "lf"
	SuffixCRLF Suffix = "crlf"
	SuffixTab  Suffix = "tab"
	SuffixETX  Suffix = "etx"
	SuffixNone Suffix = "none"

	AIMAuto  AIM = "auto"
	AIMStrip AIM = "strip"
	AIMNone  AIM = "none"

	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"

	LogText     LogFormat = "text"
	LogJSON     LogFormat = "json"
	LogJournald LogFormat = "journald"
	LogEventLog LogFormat = "eventlog"
)

// word is a type of which only some values exist; the loader refuses the others and the schema lists them.
type word interface{ words() []string }

func (Language) words() []string    { return []string{"en", "zh-Hans", "zh-Hant", "ja", "ko", "th"} }
func (APIVersion) words() []string  { return []string{"2.0.4", "2.0.2", "2.0.0"} }
func (SignType) words() []string    { return []string{"RSA2", "RSA"} }
func (ScannerType) words() []string { return []string{"serial", "hid"} }
func (Layout) words() []string      { return []string{"us", "gb", "de", "fr", "es", "it", "jp"} }
func (Parity) words() []string      { return []string{"none", "odd", "even"} }
func (Suffix) words() []string {
	return []string{"auto", "cr", "lf", "crlf", "tab", "etx", "none"}
}
func (AIM) words() []string       { return []string{"auto", "strip", "none"} }
func (LogLevel) words() []string  { return []string{"debug", "info", "warn", "error"} }
func (LogFormat) words() []string { return []string{"text", "json", "journald", "eventlog"} }

// wordsOf lists the values of t, or nothing where any value will do.
func wordsOf(t reflect.Type) []string {
	if w, ok := reflect.Zero(t).Interface().(word); ok {
		return w.words()
	}
	return nil
}
