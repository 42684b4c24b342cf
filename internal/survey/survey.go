package survey

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strings"

	"posagent/device/maker"
	"posagent/device/usb"
)

// Access tells whether a device file may be opened; write says that reading is
// not enough. Its errors match fs.ErrPermission or fs.ErrNotExist.
type Access func(path string, write bool) error

// Look lists the functions of USB devices that are scanners or could be, by
// socket. On systems without sysfs the error matches usb.ErrUnsupported. A nil
// access asks the system.
func Look(sys usb.System, access Access) ([]Candidate, error) {
	if access == nil {
		access = mayOpen
	}
	devices, err := sys.List()
	if err != nil {
		return nil, err
	}
	same := map[string]int{}
	for _, d := range devices {
		same[d.VID+d.PID+d.Serial]++
	}
	var all []Candidate
	for _, d := range devices {
		for _, i := range d.Interfaces {
			c, ok := candidate(d, i)
			if !ok {
				continue
			}
			c.twins = same[d.VID+d.PID+d.Serial] > 1
			c.judge(access)
			all = append(all, c)
		}
	}
	return all, nil
}

// judge finds the first thing that stands in the way.
func (c *Candidate) judge(access Access) {
	switch {
	case c.Mode != "" && !c.Mode.Readable():
		c.Problem, c.Remedy = c.Mode.Words(), c.switchTo()
	case c.Driver == driverOfPrograms:
		c.Problem = "another program has it"
		c.Remedy = "if that is posagent's own service all is well; else end the program that reads this scanner"
	case c.orphan:
		c.Problem = "no kernel driver has it: a program that had taken it was killed, or the driver usbhid is missing"
		c.Remedy = "\"posagent scanner release\" gives it back to the kernel; so does unplugging and plugging in"
	case c.Mode == "":
		c.Problem, c.Remedy = "its mode cannot be told", c.switchTo()
	case len(c.Nodes) == 0 && c.Mode == maker.ModeSerial:
		c.Problem = "no kernel driver has made a serial port of it"
		c.Remedy = "load the driver (modprobe cdc_acm, or usbserial's for adapters); " + c.switchTo()
	case len(c.Nodes) == 0:
		c.Problem = "the kernel shows no input device for it"
		c.Remedy = "load the drivers usbhid and evdev (modprobe usbhid evdev)"
	default:
		c.judgeNodes(access)
	}
}

// driverOfPrograms is the kernel's name for "a program has it".
const driverOfPrograms = "usbfs"

func (c *Candidate) judgeNodes(access Access) {
	for _, node := range c.Nodes {
		err := access(node, c.Mode != maker.ModeKeyboard)
		switch {
		case err == nil:
			continue
		case errors.Is(err, fs.ErrNotExist):
			c.Problem = node + " is missing"
			c.Remedy = "in a container or a service with PrivateDevices, let the device file in"
		default:
			c.denied = true
			c.Problem = fmt.Sprintf("%s may not open %s", whoami(), node)
			c.Remedy = c.permission(node)
		}
		return
	}
}

// Group is the group that the udev rule gives scanners to.
const Group = "posagent-scanner"

// permission says how to get at a node.
func (c *Candidate) permission(node string) string {
	if c.Mode == maker.ModeSerial {
		return fmt.Sprintf("add the user to the group that `ls -l %s` shows, dialout on most systems: `usermod -aG dialout %s`; then restart the service or log in again", node, whoami())
	}
	rule := "install 60-posagent-scanner.rules and the group " + Group
	if !c.Certain || c.setup == "" {
		rule += fmt.Sprintf(", with lines of its own for %s:%s as the file explains", c.VID, c.PID)
	}
	return fmt.Sprintf("%s, add the user to it: `usermod -aG %s %s`, and plug the scanner in again", rule, Group, whoami())
}

func whoami() string {
	if u, err := user.Current(); err == nil {
		// On Windows the name has the domain in front.
		return u.Username[strings.LastIndex(u.Username, `\`)+1:]
	}
	return fmt.Sprintf("user %d", os.Getuid())
}
