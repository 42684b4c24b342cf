package serial

// PortInfo is a serial port that is plugged in over USB.
type PortInfo struct {
	// Path is the port now, e.g. /dev/ttyACM0. ByID is its name that stays the
	// same, below /dev/serial/by-id; empty where there is none.
	Path, ByID string
	// VID and PID are the USB ids in lower case. The others are empty where the
	// device does not tell them.
	VID, PID, Serial      string
	Manufacturer, Product string
}

// Detail describes the device for people.
func (p PortInfo) Detail() string {
	s := p.VID + ":" + p.PID
	if p.Product != "" {
		s = p.Product + " " + s
	}
	if p.Manufacturer != "" {
		s = p.Manufacturer + " " + s
	}
	if p.Serial != "" {
		s += " serial " + p.Serial
	}
	return s
}

func (m Match) matches(p PortInfo) bool {
	return p.VID == m.VID && p.PID == m.PID && (m.Serial == "" || p.Serial == m.Serial)
}
