package hid

import (
	"errors"
	"fmt"
	"time"

	"posagent/device"
	"posagent/device/hid/pos"
)

// What can be wrong with a scanner that is there. They are the causes of a
// *device.Error of kind faulty.
var (
	// ErrKeyboardMode: the scanner types, and this system does not let a program
	// have a keyboard for itself.
	ErrKeyboardMode = errors.New("the scanner is in keyboard mode, which cannot be read here")
	// ErrOEMMode: the scanner speaks IBM's protocol for registers.
	ErrOEMMode = errors.New("the scanner is in IBM hand-held (USB OEM) mode, which cannot be read")
	// ErrNotBuiltIn: the program was built without cgo.
	ErrNotBuiltIn = errors.New("HID POS is not built into this program")
	// ErrNoScanner: none of the device's functions is a scanner's.
	ErrNoScanner = errors.New("the device is neither a HID POS scanner nor a keyboard")
	// ErrNoDriver: an interface has no kernel driver, so that it does not tell
	// what it is. A program that was killed left it so.
	ErrNoDriver = errors.New("the kernel's driver is missing: a program was killed that had the scanner")
)

// The top-level usages by which a scanner's mode is told.
const (
	pageDesktop   = 0x01
	usageKeyboard = 0x06
	pageIBM       = 0xff45 // of the hand-held and table-top protocol, USB OEM
)

const switchHint = "switch the scanner to HID POS or to USB serial (CDC) mode with the set-up bar code of its manual"

// Driver is one configured scanner, for a device.Manager.
type Driver struct {
	cfg  Config
	api  library
	keys device.Driver // of keyboard mode; nil where there is none

	found  target
	repair repairs
	last   *reader // of the port that was opened last
}

// target is where the scanner was found, and how it is read there.
type target struct {
	loc      device.Location
	busy     bool // another program has it
	keyboard bool // keys reads it
	layout   pos.Layout
	packet   int    // of the endpoint; 0: reports fit
	node     string // the device's file; empty where there is none
	vid      string
	// enables says that the scanner declares the report that enables it.
	enables bool
}

// Kind is "hid".
func (*Driver) Kind() string { return "hid" }

// Find looks for the scanner without opening it, and says in the location's
// Detail which mode it is in.
func (d *Driver) Find() (device.Location, error) {
	d.found = target{}
	t, err := d.find()
	if err == nil && !t.keyboard && !t.busy && !d.api.supported() {
		err = d.notBuiltIn()
	}
	if err != nil {
		return device.Location{}, err
	}
	d.found = t
	return t.loc, nil
}

// Open takes the scanner for this process alone.
func (d *Driver) Open(loc device.Location) (device.Port, error) {
	t := d.found
	switch {
	case t.loc.Path == "" || t.loc != loc:
		return nil, d.fault("open", loc.Path, device.KindAbsent, errors.New("it was not found there"), "")
	case t.keyboard:
		return d.keys.Open(loc)
	case t.busy:
		return nil, d.taken(t)
	}
	if d.last != nil && !d.last.ended() {
		return nil, d.fault("open", loc.Path, device.KindBusy, errors.New("this program still has it: the last close is not over"), "if it stays so, restart the posagent service")
	}
	if err := d.access(t); err != nil {
		return nil, err
	}
	return d.openPOS(t)
}

func (d *Driver) openPOS(t target) (device.Port, error) {
	p := &port{
		r:    newReader(d.api, t.loc.Path, t.layout.Size+slack),
		asm:  pos.NewAssembler(pos.Config{Layout: t.layout, MaxLength: d.cfg.Framing.MaxLength, IdleGap: d.cfg.Framing.IdleGap}),
		join: joiner{packet: t.packet, report: t.layout.Size},
	}
	p.r.enable = enabler(t)
	p.r.old = func(in input) {
		if whole, _ := p.join.add(in); whole != nil {
			p.asm.Discard(whole, in.at)
		}
	}
	d.last = p.r
	go p.r.run()
	if err := <-p.r.opened; err != nil {
		<-p.r.done
		return nil, d.refused(t, err)
	}
	return p, nil
}

// slack is room for a report that is longer than declared.
const slack = 64

// errEnable: the scanner does not take the report that enables it.
var errEnable = errors.New("the scanner refuses to be enabled")

// enabler is what a scanner needs after opening. Honeywell's HID POS page sends
// nothing before feature report 0xFE says so
// (github.com/NielsLeenheer/WebHidBarcodeScanner).
func enabler(t target) func(handle) error {
	if t.vid != "0c2e" && t.vid != "23d0" {
		return nil
	}
	return func(h handle) error {
		_, err := h.SendFeatureReport([]byte{0xfe, 0x01})
		if err != nil && t.enables {
			return fmt.Errorf("%w: %w", errEnable, err)
		}
		return nil // one that does not declare the report needs none
	}
}

// refused says why opening failed: the library does not.
func (d *Driver) refused(t target, err error) error {
	if errors.Is(err, errEnable) {
		return d.fault("open", t.loc.Path, device.KindFaulty, err, "unplug the scanner and plug it in again")
	}
	again, ferr := d.find()
	switch {
	case ferr != nil:
		return ferr // it has left
	case again.busy:
		return d.taken(again)
	case again.loc != t.loc:
		return d.fault("open", t.loc.Path, device.KindAbsent, err, "")
	}
	return d.fault("open", t.loc.Path, device.KindFaulty, err, openHint)
}

// taken is the error when another program has the scanner, or this one with
// another driver.
func (d *Driver) taken(t target) error {
	return d.fault("open", t.loc.Path, device.KindBusy, errors.New("another program has the scanner"),
		"`fuser -v "+t.node+"` shows which one: another posagent, or a maker's tool")
}

func (d *Driver) fault(op, port string, kind device.Kind, err error, hint string) *device.Error {
	return &device.Error{Op: op, Port: port, Kind: kind, Err: err, Hint: hint}
}

// repairs remembers when an interface was last given back to the kernel. Each
// time the kernel asks the device what it is; one that does not answer holds the
// caller for up to 20 s, and nothing can wake it.
type repairs struct {
	node  string
	at    time.Time
	pause time.Duration
	err   error // of the last time
	away  bool  // the device was looked for and was not there
}

const (
	// repairEvery keeps a repair that does not help from being tried at every
	// look; the pause doubles up to repairSeldom.
	repairEvery  = 5 * time.Second
	repairSeldom = 5 * time.Minute
	// kernelsOwn is what the kernel takes at most to look at a device that was
	// just plugged in: no program can have left that one without a driver.
	kernelsOwn = 25 * time.Second
)

func (r *repairs) gone() { *r = repairs{away: true} }

func (r *repairs) due(node string) bool {
	if r.away {
		*r = repairs{node: node, at: time.Now(), pause: kernelsOwn}
	}
	return r.node != node || time.Since(r.at) >= r.pause
}

func (r *repairs) done(node string, err error) {
	pause := repairEvery
	if r.node == node && r.pause != kernelsOwn {
		pause = min(2*r.pause, repairSeldom)
	}
	*r = repairs{node: node, at: time.Now(), pause: pause, err: err}
}
