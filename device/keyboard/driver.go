package keyboard

import (
	"strings"

	"posagent/device"
)

// Driver is one configured scanner in keyboard mode, for a device.Manager.
type Driver struct {
	cfg Config
}

// Kind is "keyboard".
func (*Driver) Kind() string { return "keyboard" }

// Find looks for the scanner's event nodes without opening them. A device whose
// keyboard a killed program has left without a driver is given back to usbhid
// on the way. The path of the location names all nodes, with commas.
func (d *Driver) Find() (device.Location, error) {
	k, err := d.cfg.find()
	if err != nil {
		return device.Location{}, err
	}
	return device.Location{
		Path:   strings.Join(k.nodes, ","),
		Detail: k.name + " (keyboard mode, layout " + string(d.cfg.Layout) + ")",
	}, nil
}

// Open takes the nodes away from the desktop, once no key is down: the desktop
// would else wait for ever for the release of one that is.
func (d *Driver) Open(loc device.Location) (device.Port, error) {
	nodes := strings.Split(loc.Path, ",")
	src, midway, err := openNodes(nodes, d.cfg.vendor(), d.cfg.product())
	if err != nil {
		return nil, err
	}
	return newPort(src, loc.Path, len(nodes), d.cfg.Layout, d.cfg.Framing, midway)
}

func (c Config) vendor() string {
	if c.byEvent() {
		return c.Event.Vendor
	}
	return c.Match.VID
}

func (c Config) product() string {
	if c.byEvent() {
		return c.Event.Product
	}
	return c.Match.PID
}
