package config

import (
	"path/filepath"
	"runtime"
	"time"
)

// DefaultBaseURL is Alipay's production gateway.
const DefaultBaseURL = "https://open-sea.alipay.com/api/alipay/intl/acquiring/"

// Default is the configuration before any file is read. Keys without a sensible default (who and where this till is,
// its account, its keys) are empty and have to be given.
func Default() Config {
	return Config{
		Terminal: Terminal{Language: LanguageEnglish},
		Gateway: Gateway{
			BaseURL:    DefaultBaseURL,
			APIVersion: APIVersion204,
			SignType:   SignTypeRSA2,
			Timeout:    10 * time.Second,
		},
		Policy: Policy{
			AnswerWait:          5 * time.Second,
			QueryInterval:       3 * time.Second,
			QueryTimeout:        3 * time.Second,
			QueryLimit:          20,
			NotExistRetries:     2,
			NotExistIntervalMin: 5 * time.Second,
			NotExistIntervalMax: 7 * time.Second,
			CancelRetries:       5,
			CancelInterval:      2 * time.Second,
			CancelIntervalMax:   60 * time.Second,
			WatchQueries:        20,
			WatchInterval:       30 * time.Second,
			SaleTimeout:         120 * time.Second,
			CodeTTL:             60 * time.Second,
			RefundRetries:       5,
			RefundInterval:      2 * time.Second,
		},
		Journal: Journal{Path: defaultJournal(), Retention: 400 * day},
		API:     API{Socket: defaultSocket()},

		Supervisor: Supervisor{File: defaultSupervisors()},
		Receipt:    Receipt{Width: 42},
		Window:     Window{Autostart: true},

		Log: Log{Level: LogInfo, Format: LogText, MaxSizeMB: 20, MaxAgeDays: 30, MaxFiles: 10},
	}
}

// DefaultScanner is a [[scanner]] before its keys are read.
func DefaultScanner() Scanner {
	return Scanner{
		Enabled:   true,
		Layout:    LayoutUS,
		Baud:      9600,
		DataBits:  8,
		Parity:    ParityNone,
		StopBits:  1,
		Suffix:    SuffixAuto,
		AIM:       AIMAuto,
		IdleGap:   200 * time.Millisecond,
		MaxLength: 7089,
	}
}

// SearchPaths are the places where the configuration file is looked for when none is named, best first.
func SearchPaths() []string {
	return []string{filepath.Join(systemDir(), "posagent.toml"), "posagent.toml"}
}

// SystemDir is the directory of the configuration: /etc/posagent, and on Windows %ProgramData%\posagent or what the
// installer was given.
func SystemDir() string { return systemDir() }

func defaultJournal() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(systemDir(), "data", "journal.db")
	}
	return "/var/lib/posagent/journal.db"
}

func defaultSupervisors() string {
	return filepath.Join(filepath.Dir(defaultJournal()), "supervisors.json")
}

func defaultSocket() string {
	if runtime.GOOS == "windows" {
		return `\\.\pipe\posagent`
	}
	return "/run/posagent/posagent.sock"
}
