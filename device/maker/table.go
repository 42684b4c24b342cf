package maker

const (
	usbIDs    = "http://www.linux-usb.org/usb.ids"
	honeywell = `the user's guide of the model, chapter "Programming the Interface": "USB HID" (command PAP131) is HID POS mode, "USB Serial" (TRMUSB130) is serial mode, "USB PC Keyboard" (PAP124) is keyboard mode`
	voyager   = "Honeywell, Voyager 1602g User Guide; Voyager 1200g User's Guide"
	datalogic = `the product reference guide of the model, chapter on interface selection: "USB-COM-STD" is serial mode; "USB-OEM" cannot be read here`
	opticon   = `Opticon's Universal Menu Book, or the menu commands at opticonfigure.opticon.com: the "USB virtual COM port" is serial mode`
)

// All lists the makers. Vendor and product ids are those of the public USB id
// list and of the kernel's drivers for scanners (symbolserial, opticon,
// metro-usb); Newland's scheme is in its guides (FM420, "VID and PID Table").
func All() []Maker {
	return []Maker{
		{
			VID: "05e0", Name: "Zebra (Symbol)",
			Setup:  `the product reference guide of the model, chapter "USB Interface", "USB Device Type": "USB CDC Host" is serial mode; "IBM Hand-Held USB" and "SNAPI" cannot be read here`,
			Source: "Zebra, DS2208 and DS8108 Product Reference Guides",
			modes: map[string]Mode{
				"0600": ModeSerial, "1200": ModeKeyboard, "1300": ModeOEM, "1400": ModeOEM, "1701": ModeSerial, "1900": ModeVendor,
			},
		},
		{
			VID: "0c2e", Name: "Honeywell (Metrologic)", Setup: honeywell, Source: voyager,
			modes: map[string]Mode{"0007": ModeOEM, "0204": ModeKeyboard, "0700": ModeSerial, "0720": ModeSerial, "0730": ModeSerial},
		},
		{VID: "23d0", Name: "Honeywell (Youjie)", Setup: honeywell, Source: voyager},
		{VID: "0536", Name: "Honeywell (Hand Held Products)", Setup: honeywell, Source: voyager},
		{
			VID: "05f9", Name: "Datalogic (PSC)", Setup: datalogic, Source: "Datalogic, QuickScan I QD2400 and Gryphon I Product Reference Guides",
			modes: map[string]Mode{"1206": ModeOEM, "2206": ModeKeyboard, "4204": ModeSerial},
		},
		{VID: "080c", Name: "Datalogic", Setup: datalogic, Source: "Datalogic, QuickScan I QD2400 and Gryphon I Product Reference Guides"},
		{
			VID: "1eab", Name: "Newland",
			Setup:    `the user guide of the model, chapter "USB Interface": "HID-POS", or "USB COM Port Emulation" for serial mode`,
			Source:   "Newland, NLS-FM420 Integration Guide",
			lastByte: map[string]Mode{"03": ModeKeyboard, "06": ModeSerial, "10": ModeHIDPOS},
		},
		{
			VID: "065a", Name: "Opticon", Setup: opticon, Source: "Opticon, Universal Menu Book",
			modes: map[string]Mode{"0001": ModeKeyboard, "0009": ModeSerial},
		},
		{VID: "0581", Name: "Racal, Tera and others", Source: usbIDs, Generic: true},
		{VID: "0403", Name: "FTDI (adapter)", Source: usbIDs, Generic: true},
		{VID: "067b", Name: "Prolific (adapter)", Source: usbIDs, Generic: true},
		{VID: "10c4", Name: "Silicon Labs (adapter)", Source: usbIDs, Generic: true},
		{VID: "1a86", Name: "QinHeng (adapter)", Source: usbIDs, Generic: true},
		{VID: "0483", Name: "STMicroelectronics (chip of many makers)", Source: usbIDs, Generic: true},
		{VID: "28e9", Name: "GigaDevice (chip of many makers)", Source: usbIDs, Generic: true},
		{VID: "04b4", Name: "Cypress (chip of many makers)", Source: usbIDs, Generic: true},
	}
}
