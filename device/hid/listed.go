package hid

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"posagent/device"
	"posagent/device/hid/pos"
)

// pickListed decides by what the library lists, on systems where it tells the
// usages of each function and nothing else tells more.
func (d *Driver) pickListed() (target, error) {
	m := d.cfg.Match
	vid, pid, err := ids(m.VID, m.PID)
	if err != nil {
		return target{}, d.fault("find", m.String(), device.KindFaulty, err, "")
	}
	all, err := d.api.list(vid, pid)
	if err != nil {
		return target{}, d.fault("find", m.String(), device.KindFaulty, err, "restart the posagent service")
	}
	all = slices.DeleteFunc(all, func(i listed) bool {
		return m.Serial != "" && m.Serial != i.Serial || m.Interface != nil && i.Interface >= 0 && *m.Interface != i.Interface
	})
	var scanners []listed
	var keyboard, ibm bool
	for _, i := range all {
		switch {
		case i.Page == pos.Page:
			scanners = append(scanners, i)
		case i.Page == pageDesktop && i.Usage == usageKeyboard:
			keyboard = true
		case i.Page == pageIBM:
			ibm = true
		}
	}
	faulty := func(err error, hint string) (target, error) {
		return target{}, d.fault("find", m.String(), device.KindFaulty, err, hint)
	}
	switch {
	case len(scanners) == 1:
		return listedTarget(scanners[0], m.VID, m.PID), nil
	case len(scanners) > 1:
		return faulty(fmt.Errorf("%d scanners match: %s", len(scanners), serials(scanners)),
			"say which one is meant by its serial number; if they have none, leave one of them plugged in")
	case keyboard:
		return faulty(ErrKeyboardMode, switchHint)
	case ibm:
		return faulty(ErrOEMMode, switchHint)
	case len(all) > 0:
		return faulty(ErrNoScanner, switchHint)
	}
	return target{}, d.fault("find", m.String(), device.KindAbsent, nil,
		"plug the scanner in; `posagent scanner list` shows what is there")
}

func listedTarget(i listed, vid, pid string) target {
	parts := []string{i.Manufacturer, i.Product, vid + ":" + pid}
	if i.Serial != "" {
		parts = append(parts, "serial "+i.Serial)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return target{
		loc:    device.Location{Path: i.Path, Detail: strings.Join(parts, " ") + ", HID POS mode"},
		layout: pos.Known(vid), vid: vid,
	}
}

func serials(all []listed) string {
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = l.Path
		if l.Serial != "" {
			names[i] = "serial " + l.Serial
		}
	}
	return strings.Join(names, ", ")
}

// ids are the numbers that the library wants.
func ids(vid, pid string) (v, p uint16, err error) {
	a, aerr := strconv.ParseUint(vid, 16, 16)
	b, berr := strconv.ParseUint(pid, 16, 16)
	return uint16(a), uint16(b), errors.Join(aerr, berr)
}

func (d *Driver) notBuiltIn() error {
	return d.fault("find", d.cfg.Match.String(), device.KindFaulty, ErrNotBuiltIn, notBuiltInHint)
}

const notBuiltInHint = "install a posagent that was built with cgo, or switch the scanner to USB serial (CDC) mode; keyboard mode works on Linux"
