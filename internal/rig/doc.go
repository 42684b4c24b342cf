// Package rig is what the two sides of the rig say to each other. The rig boots
// a stock Linux kernel in QEMU and plugs scanners into it that the kernel cannot
// tell from real ones, so that posagent is proven on the true path: USB stack,
// HID and serial drivers, hot-plug, permissions. No hardware and no hardware
// virtualisation is needed.
//
// Three programs take part:
//
//   - host boots the machine, and is the hand that plugs QEMU's own devices;
//   - guest is the first process inside. It makes the scanners of package gadget,
//     runs posagent and the pretend gateway, plays register and cashier, and
//     judges what happens;
//   - posagent, the very program that ships, linked statically.
//
// The guest reports by Line on the console. It asks the host by Request on the
// machine's second serial port, and gets one Answer for each.
package rig
