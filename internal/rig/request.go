package rig

// Verb is what the guest asks the host to do with QEMU's own devices.
type Verb string

// The verbs.
const (
	// Hello: answer, so that the guest knows that somebody listens.
	Hello Verb = "hello"
	// PlugKeyboard and UnplugKeyboard: QEMU's USB keyboard, 0627:0001.
	PlugKeyboard   Verb = "plug_keyboard"
	UnplugKeyboard Verb = "unplug_keyboard"
	// Type presses the keys of Text, digits and lower-case letters and \r, on it.
	Type Verb = "type"
	// PlugSerial and UnplugSerial: QEMU's USB serial adapter, 0403:6001.
	PlugSerial   Verb = "plug_serial"
	UnplugSerial Verb = "unplug_serial"
	// Send writes Text to it, Count times (0: once).
	Send Verb = "send"
	// SendLabels writes labels First to First+Count-1 of source Source to it,
	// each with a carriage return.
	SendLabels Verb = "send_labels"
)

// Request is one line of JSON from guest to host.
type Request struct {
	Verb   Verb   `json:"verb"`
	Text   string `json:"text,omitempty"`
	Source int    `json:"source,omitempty"`
	First  int    `json:"first,omitempty"`
	Count  int    `json:"count,omitempty"`
}

// Answer is one line of JSON from host to guest, when the request is done.
type Answer struct {
	// Error is empty when it worked.
	Error string `json:"error,omitempty"`
}
