package agent

import (
	"slices"
	"time"

	"posagent/device"
	"posagent/device/usb"
	"posagent/internal/config"
	"posagent/internal/localapi"
	"posagent/internal/receipt"
	"posagent/internal/supervisor"
)

// generation is everything that a configuration makes and that can be replaced
// while the daemon runs. It is built whole, without touching a device, the network
// or the one in force, and is immutable afterwards.
type generation struct {
	number   uint64
	cfg      *config.Config
	taken    config.Snapshot // At: when it was put into force
	gateway  *lane
	settings localapi.Settings

	used bool // its client was in force; belongs to the reloader
}

// gatewayKeys are what the gateway's client is built from.
func gatewayKeys() []string {
	return []string{"gateway", "terminal.store_id", "terminal.store_name", "terminal.terminal_id", "terminal.mcc"}
}

// newGeneration builds what cfg asks for. What did not change is taken over from
// before, which is nil at the start.
func (a *agent) newGeneration(cfg *config.Config, before *generation, changes config.Changes) (*generation, error) {
	g := &generation{number: 1, cfg: cfg}
	if before != nil {
		g.number = before.number + 1
	}
	if _, err := Scanners(cfg, usb.System{}); err != nil {
		return nil, err
	}
	if err := cfg.Policy.Offline().Validate(); err != nil {
		return nil, err
	}
	var err error
	if g.settings, err = a.newSettings(cfg, before); err != nil {
		return nil, err
	}
	if before != nil && !changes.Touches(gatewayKeys()...) {
		g.gateway = before.gateway
		return g, nil
	}
	client, err := NewGateway(cfg, a.log)
	if err != nil {
		return nil, err
	}
	g.gateway = &lane{Client: client}
	return g, nil
}

func (a *agent) newSettings(cfg *config.Config, before *generation) (s localapi.Settings, err error) {
	s.Currency = cfg.Terminal.Currency
	s.Needs = localapi.Needs{
		Refund: cfg.Supervisor.Refund, Void: cfg.Supervisor.Void, Cancel: cfg.Supervisor.Cancel,
		Resolve: cfg.Supervisor.Resolve, CloseShift: cfg.Supervisor.CloseShift,
	}
	switch file := cfg.Supervisor.File; {
	case file == "":
	case before != nil && before.cfg.Supervisor.File == file:
		s.Supervisors = before.settings.Supervisors // it judges one PIN at a time, and two would judge two
	default:
		s.Supervisors = supervisor.NewGuard(supervisor.Book{Path: file}, a.log)
	}
	t, r := cfg.Terminal, cfg.Receipt
	s.Receipts = receipt.Printer{
		Shop:     receipt.Shop{StoreName: t.StoreName, StoreID: t.StoreID, TerminalID: t.TerminalID, Footer: r.Footer},
		Language: string(t.Language), Width: r.Width,
	}
	if r.FontFile != "" {
		s.Receipts.Font, err = receipt.LoadFont(r.FontFile)
	}
	return s, err
}

// discard closes what only this generation has, if it never came into force. What
// was in force is closed when nobody needs it any more.
func (g *generation) discard(inForce *generation) error {
	if g.used || g.gateway == inForce.gateway {
		return nil
	}
	return g.gateway.Close()
}

// scannersFrom lists the scanners of to for device.Manager.Replace: those that are
// the same in from keep their ports. opened names the others.
func scannersFrom(from, to *config.Config) (list []device.Scanner, opened []string, err error) {
	before := from.ActiveScanners()
	for _, s := range to.ActiveScanners() {
		if slices.Contains(before, s) {
			list = append(list, device.Scanner{Name: s.Name})
			continue
		}
		fresh, err := NewScanner(s, usb.System{})
		if err != nil {
			return nil, nil, err
		}
		list, opened = append(list, fresh), append(opened, s.Name)
	}
	return list, opened, nil
}

// now is the generation in force.
func (a *agent) now() *generation { return a.inForce.Load() }

// cfg is the configuration in force.
func (a *agent) cfg() *config.Config { return a.now().cfg }

// client is the gateway's client in force.
func (a *agent) client() *lane { return a.gateway.current.Load() }

// stamp notes when the generation comes into force.
func (g *generation) stamp(now time.Time) { g.taken = g.cfg.Snapshot(now.Round(0)) }
