package hid

import "time"

// pieceGap is longer than the time between two packets of one report.
const pieceGap = 100 * time.Millisecond

// joiner puts reports together that are longer than a packet of their endpoint.
// hidapi on Linux hands out packets; the kernel's own driver would join them.
// The zero value is for devices whose reports fit.
type joiner struct {
	packet int // the largest packet; 0: reports fit
	report int // the length of a report

	data []byte
	at   time.Time
}

// add takes what the library gave as one report and gives a whole one, or nil
// while a part of it is missing. A packet that is not full is the last of its
// report. broken says that a part of a report was thrown away before.
func (j *joiner) add(in input) (whole []byte, broken bool) {
	if j.packet <= 0 || j.packet >= j.report {
		return in.data, false
	}
	broken = j.cutOff(in.at)
	if in.lost {
		j.data = nil
	}
	j.data, j.at = append(j.data, in.data...), in.at
	clear(in.data)
	if len(in.data) == j.packet && len(j.data) < j.report {
		return nil, broken
	}
	whole, j.data = j.data, nil
	return whole, broken
}

// cutOff throws away what was collected if its rest is overdue, and tells so.
func (j *joiner) cutOff(now time.Time) bool {
	if len(j.data) == 0 || now.Sub(j.at) < pieceGap {
		return false
	}
	j.data = nil
	return true
}
