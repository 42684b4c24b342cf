package main

import (
	"context"
	"errors"
	"fmt"

	"posagent/device"
	"posagent/device/decode"
	"posagent/device/hid"
	"posagent/device/serial"
	"posagent/device/usb"
)

// scannerOf is the driver that the agent would use for a model.
func scannerOf(m model) (device.Scanner, error) {
	if m.device.Functions[m.feed].HID == nil {
		return serialScanner(m.called, m.device.VID, m.device.PID, m.device.Serial)
	}
	return hidScanner(m.called, m.device.VID, m.device.PID, m.device.Serial)
}

func serialScanner(name string, vid, pid uint16, serialNumber string) (device.Scanner, error) {
	return serial.NewScanner(serial.Config{
		Name: name, Match: match(vid, pid, serialNumber), Framing: decode.Framing{Suffix: decode.SuffixAuto},
	})
}

func hidScanner(name string, vid, pid uint16, serialNumber string) (device.Scanner, error) {
	return hid.NewScanner(hid.Config{
		Name: name, Match: match(vid, pid, serialNumber), Framing: decode.Framing{Suffix: decode.SuffixAuto},
	})
}

func match(vid, pid uint16, serialNumber string) usb.Match {
	return usb.Match{VID: fmt.Sprintf("%04x", vid), PID: fmt.Sprintf("%04x", pid), Serial: serialNumber}
}

// framed is a port that knows how its labels are wrapped.
type framed interface {
	Framing(configured decode.Framing) decode.Framing
}

// pump reads a scanner as device.Manager does, and gives every frame to take
// until that says that it has enough. It opens the port before it calls opened.
func pump(ctx context.Context, sc device.Scanner, opened func(), take func(decode.Frame) (enough bool)) (err error) {
	var port device.Port
	if err := until(ctx, "a port", func() (bool, string) {
		loc, err := sc.Driver.Find()
		if err == nil {
			port, err = sc.Driver.Open(loc)
		}
		return err == nil, fmt.Sprint(err)
	}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, port.Close()) }()
	framing := sc.Framing
	if f, ok := port.(framed); ok {
		framing = f.Framing(framing)
	}
	framer, err := decode.NewFramer(framing)
	if err != nil {
		return err
	}
	opened()
	enough := false
	emit := func(f decode.Frame) { enough = take(f) || enough }
	for !enough && ctx.Err() == nil {
		chunk, err := port.Read()
		framer.Feed(chunk.Data, 0, emit)
		if chunk.Fault != nil {
			emit(decode.Frame{Err: chunk.Fault})
		} else if chunk.End {
			framer.End(chunk.AIM, emit)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
