package wire

import "time"

// Configuration is what the daemon works by.
type Configuration struct {
	// Generation is 1 at a start and grows whenever a changed configuration is
	// put into force, a return to the one before included.
	Generation uint64    `json:"generation"`
	LoadedAt   time.Time `json:"loadedAt"` // when it was put into force
	File       string    `json:"file,omitempty"`
	// Trial tells until when the daemon goes back by itself to the generation
	// before, should this one not be able to sell.
	Trial      *time.Time `json:"trialUntil,omitempty"`
	LastReload *Reload    `json:"lastReload,omitempty"` // absent: none since the start
}

// Reload is how an attempt to change the configuration of the running daemon ended.
type Reload struct {
	At      time.Time `json:"at"`
	Result  string    `json:"result"`  // applied unchanged refused returned
	Trigger string    `json:"trigger"` // signal admin return start
	By      string    `json:"by,omitempty"`
	Changed []string  `json:"changed,omitempty"` // keys
	Reasons []string  `json:"reasons,omitempty"` // why it was refused or returned; at most 20
	Notes   []string  `json:"notes,omitempty"`   // applied all the same
	TookMS  int64     `json:"tookMs"`
}
