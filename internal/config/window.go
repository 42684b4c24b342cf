package config

// Window says how the cashier's window opens by itself at the beginning of a session.
type Window struct {
	// Open it when a member of the group posagent logs in (package posagent-ui).
	Autostart bool `toml:"autostart" reload:"live"`
	// It fills the screen, and the cashier cannot close it.
	Kiosk bool `toml:"kiosk" reload:"live"`
	// It comes with a second one for the customer's display.
	Customer bool `toml:"customer" reload:"live"`
}
