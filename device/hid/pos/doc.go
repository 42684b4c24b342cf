// Package pos reads labels from the reports of scanners in HID POS mode, the
// mode of the USB-IF's HID Point of Sale Usage Tables 1.02 (usage page 0x8c of
// the HID Usage Tables). It is pure: reports and their times in, labels out.
//
// A label is a Scanned Data Report, or several of them: all but the last have
// the usage Decode Data Continued set. A report holds a byte count (usage 0x3b
// of Generic Desktop), the AIM symbology identifier, which is Symbology
// Identifier 1 to 3, Decoded Data, and often a code of the maker's for the
// symbology. What stands where is told by the report descriptor; Known has the
// three layouts that makers document, for systems that do not show it:
//
//	bytes         Honeywell, Access-IS  Zebra, Datalogic  Newland
//	report id     0                     0                 0
//	byte count    1                     1                 1
//	AIM           2-4                   3-5               none
//	data          5-60                  6-61              2-57
//	maker's code  61                                      62
//	continued     63, bit 0             63, bit 0         63, bit 0
//
// Sources: the product manuals of Access-IS LSR118 and ATR110 and of the Quio
// QU-R-302 with a Newland engine; reports of a Honeywell Voyager 1602g, captured
// in github.com/HenkVanAsselt/python_hon_usbhid; and, for the byte by which
// Zebra's and Datalogic's differ, github.com/NielsLeenheer/WebHidBarcodeScanner.
//
// What does not fit its layout is never a part of a label: the label is dropped
// whole, with all that may still belong to it, and reported.
package pos
