package config

import "strings"

// Reach is Load for whoever only wants to reach the running daemon: a fault that
// says nothing about the way there is no obstacle, as the daemon goes on with the
// configuration before. Such faults are returned beside; the others are the error.
func Reach(opts Options) (*Config, Faults, error) {
	opts.Role = RoleClient
	cfg, faults := Inspect(opts)
	var fatal, rest Faults
	for _, f := range faults {
		if cfg.inTheWay(f) {
			fatal = append(fatal, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(fatal) > 0 {
		return nil, nil, faults
	}
	return cfg, rest, nil
}

// inTheWay tells whether a fault leaves it open where the daemon answers: it is of
// the listeners' keys, or the main file could not be read.
func (c *Config) inTheWay(f Fault) bool {
	table, _, _ := strings.Cut(f.Key, ".")
	switch {
	case table == "api", f.Key == "admin.socket":
		return true
	case f.Key != "":
		return false
	}
	return f.File == "" || f.File == c.file || c.file == ""
}
