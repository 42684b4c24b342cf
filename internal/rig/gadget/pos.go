package gadget

// Layout is how a make of scanner fills its 64-byte HID POS report: report id 2
// in byte 0, the number of data bytes in byte 1, 56 bytes of data, and in bit 0
// of byte 63 whether more follows. The rest differs.
//
// Sources: USB-IF HID Point of Sale Usage Tables 1.02 for the usages; the
// Access-IS LSR118 and Newland FM430 manuals for two of the layouts; the list of
// makes at github.com/NielsLeenheer/WebHidBarcodeScanner for the third.
type Layout struct {
	aim  int // where the AIM identifier's three bytes are; 0: not sent
	data int
	code int // where the make's own symbology byte is; 0: not sent
}

// Honeywell is the layout of Honeywell and Access-IS.
func Honeywell() Layout { return Layout{aim: 2, data: 5, code: 61} }

// Zebra is the layout of Zebra and Datalogic: one byte stands before the AIM
// identifier.
func Zebra() Layout { return Layout{aim: 3, data: 6} }

// Newland is the layout of Newland's engines: no AIM identifier.
func Newland() Layout { return Layout{data: 2, code: 62} }

const (
	reportSize = 64
	reportID   = 2
	dataSize   = 56
	vendorQR   = 0x73 // Honeywell's code id of QR
)

// HID is the function that a scanner of this layout has.
func (l Layout) HID() *HID {
	return &HID{Descriptor: l.descriptor(), PacketSize: 2 * reportSize}
}

// descriptor declares the report field by field, in the order of its bytes.
func (l Layout) descriptor() []byte {
	d := []byte{
		0x05, 0x8c, // Usage Page (Bar Code Scanner)
		0x09, 0x02, // Usage (Bar Code Scanner)
		0xa1, 0x01, // Collection (Application)
		0x85, reportID,
		0x09, 0x12, // Usage (Scanned Data Report)
		0xa1, 0x02, // Collection (Logical)
		0x15, 0x00, // Logical Minimum 0
		0x26, 0xff, 0x00, // Logical Maximum 255
		0x75, 0x08, // Report Size 8
		0x95, 0x01, // Report Count 1
		0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // Generic Desktop, Byte Count: Input
		0x05, 0x8c,
	}
	at := 2
	reserved := func(until int) {
		if until > at {
			d = append(d, 0x95, byte(until-at), 0x81, 0x03) // Input (Constant)
			at = until
		}
	}
	if l.aim != 0 {
		reserved(l.aim)
		d = append(d, 0x95, 0x03, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02) // Symbology Identifier 1 to 3
		at += 3
	}
	reserved(l.data)
	d = append(d, 0x95, dataSize, 0x09, 0xfe, 0x82, 0x02, 0x01) // Decoded Data: Input (Buffered Bytes)
	at += dataSize
	if l.code != 0 {
		reserved(l.code)
		d = append(d, 0x95, 0x01, 0x06, 0x66, 0xff, 0x09, 0x04, 0x81, 0x02, 0x05, 0x8c) // the make's own page
		at++
	}
	reserved(reportSize - 1)
	return append(d,
		0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, // Decode Data Continued: one bit
		0x75, 0x07, 0x81, 0x03, // seven bits to fill up
		0xc0, 0xc0)
}

// Reports are what a scanner of this layout sends for a label: one report for
// every 56 bytes.
func (l Layout) Reports(label string) [][]byte {
	var reports [][]byte
	for {
		n := min(len(label), dataSize)
		r := make([]byte, reportSize)
		r[0], r[1] = reportID, byte(n)
		if l.aim != 0 {
			copy(r[l.aim:], "]Q1")
		}
		copy(r[l.data:], label[:n])
		if l.code != 0 {
			r[l.code] = vendorQR
		}
		reports = append(reports, r)
		if label = label[n:]; label == "" {
			return reports
		}
		r[reportSize-1] = 1
	}
}
