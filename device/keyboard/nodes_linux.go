package keyboard

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"

	"posagent/device/keyboard/evdev"
)

const (
	// releaseWait is how long Open waits for keys to go up. A key that the
	// desktop saw go down and not up repeats there for ever.
	releaseWait = 150 * time.Millisecond
	// maxQueued bounds how many reads empty a node, so that a device that never
	// stops cannot hold Open up.
	maxQueued = 64
)

// nodes is a source on Linux: the event nodes of one scanner, grabbed.
type nodes struct {
	open []*evdev.Node
}

// openNodes opens and grabs the nodes. midway reports that the scanner typed
// meanwhile: the rest of that label comes first.
func openNodes(paths []string, vendor, product string) (src source, midway bool, err error) {
	n := &nodes{}
	if midway, err = n.take(paths, vendor, product); err != nil {
		return nil, false, fault("open", strings.Join(paths, ","), errors.Join(err, n.Close()))
	}
	return n, midway, nil
}

func (n *nodes) take(paths []string, vendor, product string) (midway bool, err error) {
	for _, path := range paths {
		node, err := evdev.Open(path)
		if err != nil {
			return false, err
		}
		n.open = append(n.open, node)
		// The kernel gives a number again at once: between the look and now the
		// node may have become the cashier's keyboard.
		id, err := node.ID()
		if err != nil {
			return false, err
		}
		if hex4(id.Vendor) != vendor || hex4(id.Product) != product {
			return false, fmt.Errorf("%s: %w (%04x:%04x)", path, errOther, id.Vendor, id.Product)
		}
		if err := node.KeysOnly(); err != nil {
			return false, err
		}
	}
	typed, err := n.settle(time.Now().Add(releaseWait))
	if err != nil {
		return false, err
	}
	for i, node := range n.open {
		if err := node.Grab(); err != nil {
			return false, err
		}
		came, err := n.drain(i)
		if err != nil {
			return false, err
		}
		typed = typed || came
		// A key may have gone down just before the grab.
		down, err := node.Held()
		if err != nil {
			return false, err
		}
		if !down.Empty() {
			return false, errHeld
		}
	}
	return typed, nil
}

// settle waits until no key of any node is down, and reports whether any was
// struck meanwhile.
func (n *nodes) settle(until time.Time) (typed bool, err error) {
	for i := 0; i < len(n.open); {
		down, err := n.open[i].Held()
		if err != nil {
			return false, err
		}
		if down.Empty() {
			i++
			continue
		}
		typed = true
		left := time.Until(until)
		if left <= 0 {
			return false, errHeld
		}
		if _, err := evdev.Wait(n.open[i:i+1], left); err != nil {
			return false, err
		}
		if _, err := n.drain(i); err != nil {
			return false, err
		}
		i = 0
	}
	return typed, nil
}

// drain throws away what is queued at a node, and reports whether there was any.
func (n *nodes) drain(i int) (some bool, err error) {
	var events [64]evdev.Event
	for range maxQueued {
		got, err := n.open[i].Read(events[:])
		if err != nil {
			return false, err
		}
		if got == 0 {
			break
		}
		some = true
	}
	return some, nil
}

func (n *nodes) Read(d time.Duration, events []evdev.Event) (node, count int, err error) {
	if node, err = evdev.Wait(n.open, d); err != nil || node < 0 {
		return 0, 0, err
	}
	count, err = n.open[node].Read(events)
	return node, count, err
}

// Held empties the node first: the kernel throws away key events that are queued
// when it is asked, and only those.
func (n *nodes) Held(node int) (evdev.KeySet, error) {
	if _, err := n.drain(node); err != nil {
		return evdev.KeySet{}, err
	}
	return n.open[node].Held()
}

// Close gives the keys back; the kernel does so with the last handle.
func (n *nodes) Close() error {
	var errs []error
	for _, node := range n.open {
		errs = append(errs, node.Close())
	}
	return errors.Join(errs...)
}

// permissionHint says which group opens the node, from the node itself.
func permissionHint(path string) string {
	who := "the user that runs posagent"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	path, _, _ = strings.Cut(path, ",")
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Sprintf("let %s read %s", who, path)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Gid == 0 || info.Mode().Perm()&0o040 == 0 {
		return fmt.Sprintf("no group may read %s (mode %v): install the udev rule for scanners, then add %s to its group and restart", path, info.Mode().Perm(), who)
	}
	group := strconv.FormatUint(uint64(st.Gid), 10)
	if g, err := user.LookupGroupId(group); err == nil {
		group = g.Name
	}
	hint := fmt.Sprintf("add %s to the group of %s: `usermod -aG %s %s`, then restart the service or log in again", who, path, group, who)
	if group == "input" {
		hint += "; that group may read every keyboard: the udev rule for scanners gives it this one alone"
	}
	return hint
}
