// Package device looks after the till's scanners and hands their scans to
// whoever is waiting for one.
//
// A Driver knows one configured scanner: where it is plugged in and how to open
// it. The Manager runs one goroutine per scanner that finds the port, opens it,
// reads it, decodes what comes, and closes it: no other goroutine ever touches
// a Port. A scanner that is unplugged, busy or forbidden shows in Health, with
// what to do, and is used again by itself when it is back.
//
// # A scanner that is not there
//
// It is looked for once a second, more often after it was lost, and at once when
// Options.Plugged tells that a device was plugged in. A port is there before the
// system has set its permissions, so what then cannot be opened is called
// forbidden or busy only when it has been so for a second. A sale that waits for
// a scan goes on waiting. The log has one line per change and never more than
// ten a minute; a driver's call that hangs for five seconds is a fault like
// others, seen by a watchdog.
//
// # One scan, one customer
//
// A payment code belongs to the customer who showed it. Claim.Next opens the
// gate and closes it with the first label that was read whole while it stood
// open. What came before, or began before, is refused and reported, never kept:
// it must not be charged to the next customer. The same label read twice within
// the duplicate window, by one scanner or by two, is one scan.
//
// # In the words of UnifiedPOS
//
// The life cycle is that of the UnifiedPOS scanner, made to pull instead of push:
//
//	UnifiedPOS          here
//	------------------  ------------------------------------------------------
//	Open, Close         New, and the end of Run
//	Claim, Release      Manager.Claim, Claim.Release; one holder at a time
//	DeviceEnabled       always: ports stay open, so that nobody else takes them
//	DataEventEnabled    true exactly while somebody is inside Claim.Next
//	AutoDisable         always: the gate closes before the scan is delivered
//	DataEvent           the return of Claim.Next
//	DataCount           0 or 1: nothing is queued
//	ClearInput          not needed: a label from before the gate is refused
//	FreezeEvents        not needed: do not call Next
//	DecodeData          always
//	ScanData            not kept: bytes become labels in package decode
//	ScanDataLabel       Scan.Text
//	ScanDataType        Scan.Symbology, and Scan.AIM as sent
//	ErrorEvent          a framing error: Refused with ReasonFraming
//	StatusUpdateEvent   HealthChanged, then Health
//	PowerState          Health.State
//	CheckHealth         Health: it is what the last look found
//
// The package has no cgo and knows no transport. device/serial, device/replay
// and drivers to come bring the ports.
package device
