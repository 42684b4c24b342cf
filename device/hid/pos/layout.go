package pos

import (
	"errors"
	"fmt"
	"slices"

	"posagent/device/hid/descriptor"
)

// Page is the usage page of bar code scanners.
const Page = 0x8c

// The usages of HID Point of Sale Usage Tables 1.02, section 3, and the byte
// count of Generic Desktop.
const (
	scannedDataReport descriptor.Usage = Page<<16 | 0x12
	symbologyID1      descriptor.Usage = Page<<16 | 0xfb
	symbologyID3      descriptor.Usage = Page<<16 | 0xfd
	decodedData       descriptor.Usage = Page<<16 | 0xfe
	dataContinued     descriptor.Usage = Page<<16 | 0xff
	byteCount         descriptor.Usage = 0x01<<16 | 0x3b

	vendorPages = 0xff00 // and above
)

// Layout says where a scanner puts what in the reports that carry labels.
// Places are counted from the first byte of a report as it is read, its id
// included; -1 stands for what is not there.
type Layout struct {
	// Name is for people.
	Name string
	// Numbered says that reports begin with an id, and ID is the one of those
	// that carry labels.
	Numbered bool
	ID       uint8
	// Others are the ids of input reports that carry something else.
	Others []uint8
	// Size is the length of a report in bytes.
	Size int
	// Count is the byte count, CountSize its length: 1 or 2.
	Count, CountSize int
	// AIM is where the identifier begins: "]", letter, modifier.
	AIM int
	// Data and DataSize are the place and length of the label's bytes.
	Data, DataSize int
	// Code is the maker's code of the symbology, in Honeywell's letters.
	Code int
	// More is the bit that says that the label goes on in the next report.
	More int
	// Unsure says that nothing is known about the scanner: each label's first
	// report shows which of the known layouts it has.
	Unsure bool
}

// ErrNoLabels: the descriptor has no report that carries labels.
var ErrNoLabels = errors.New("the scanner declares no report with decoded data")

// FromDescriptor finds the layout that a scanner declares. vid is its vendor id
// in four lower-case hexadecimal digits: it says whose codes the maker's byte
// holds. A descriptor without decoded data gives ErrNoLabels.
func FromDescriptor(d *descriptor.Descriptor, vid string) (Layout, error) {
	var best *descriptor.Field
	for _, c := range d.Collections {
		if c.Usage.Page() != Page {
			continue
		}
		for i := range c.Fields {
			f := &c.Fields[i]
			if f.Kind == descriptor.Input && f.Variable && f.Usage(0) == decodedData && (best == nil || better(f, best)) {
				best = f
			}
		}
	}
	if best == nil {
		return Layout{}, ErrNoLabels
	}
	if best.Size != 8 || best.Offset%8 != 0 || best.Count == 0 {
		return Layout{}, fmt.Errorf("decoded data of %d elements of %d bits at bit %d is not made of bytes", best.Count, best.Size, best.Offset)
	}
	l := Layout{
		Name: "as declared", Numbered: d.Numbered, ID: best.Report, Size: d.Size(descriptor.Input, best.Report),
		Count: -1, AIM: -1, DataSize: best.Count, Code: -1, More: -1,
	}
	l.Data = l.place(best.Bit(0)) / 8
	for _, c := range d.Collections {
		for _, f := range c.Fields {
			switch {
			case f.Kind != descriptor.Input:
			case f.Report == best.Report:
				if err := l.add(f, vid); err != nil {
					return Layout{}, err
				}
			case !slices.Contains(l.Others, f.Report):
				l.Others = append(l.Others, f.Report)
			}
		}
	}
	return l, nil
}

// better prefers the Scanned Data Report, and more data to less: a scanner may
// declare a short report beside it.
func better(f, than *descriptor.Field) bool {
	if in := f.In(scannedDataReport); in != than.In(scannedDataReport) {
		return in
	}
	return f.Count > than.Count
}

// place turns a bit of the report's contents into a bit of what is read.
func (l *Layout) place(bit int) int {
	if l.Numbered {
		return bit + 8
	}
	return bit
}

// add takes from a field of the report what stands in it.
func (l *Layout) add(f descriptor.Field, vid string) error {
	if f.Constant || !f.Variable {
		return nil
	}
	for i := range f.Count {
		u, bit := f.Usage(i), l.place(f.Bit(i))
		switch {
		case u == decodedData:
			return nil
		case u == byteCount && l.Count < 0:
			if bit%8 != 0 || f.Size != 8 && f.Size != 16 {
				return fmt.Errorf("a byte count of %d bits at bit %d cannot be read", f.Size, bit)
			}
			l.Count, l.CountSize = bit/8, f.Size/8
		case u >= symbologyID1 && u <= symbologyID3:
			if f.Size != 8 || bit%8 != 0 {
				return fmt.Errorf("a symbology identifier of %d bits at bit %d cannot be read", f.Size, bit)
			}
			if u == symbologyID1 && l.AIM < 0 {
				l.AIM = bit / 8
			}
		case u == dataContinued && l.More < 0:
			l.More = bit
		case u.Page() >= vendorPages && l.Code < 0 && f.Size == 8 && bit%8 == 0 && bit/8 > l.Data && honeywellCodes(vid):
			l.Code = bit / 8
		}
	}
	return nil
}

// Known is the layout of a maker by vendor id, in four lower-case hexadecimal
// digits, for scanners whose descriptor cannot be had. Where nothing certain is
// known the layout is Unsure.
func Known(vid string) Layout {
	switch {
	case honeywellCodes(vid):
		return honeywell()
	case vid == "1eab":
		return newland()
	}
	l := honeywell() // for its size, id and bit, which all have in common
	l.Name, l.Unsure, l.Code = "to be seen", true, -1
	return l
}

// honeywellCodes tells whose maker's codes are Honeywell's letters: Honeywell,
// Youjie and Hand Held Products, which are Honeywell's, and Access-IS, whose
// scanners have their engines.
func honeywellCodes(vid string) bool {
	switch vid {
	case "0c2e", "23d0", "0536", "0db5":
		return true
	}
	return false
}

const knownSize = 64

func honeywell() Layout {
	return Layout{Name: "Honeywell", Numbered: true, ID: 2, Size: knownSize, Count: 1, CountSize: 1, AIM: 2, Data: 5, DataSize: 56, Code: 61, More: 63 * 8}
}

func zebra() Layout {
	return Layout{Name: "Zebra", Numbered: true, ID: 2, Size: knownSize, Count: 1, CountSize: 1, AIM: 3, Data: 6, DataSize: 56, Code: -1, More: 63 * 8}
}

// newland: what stands in its symbology byte is not documented.
func newland() Layout {
	return Layout{Name: "Newland", Numbered: true, ID: 2, Size: knownSize, Count: 1, CountSize: 1, AIM: -1, Data: 2, DataSize: 56, Code: -1, More: 63 * 8}
}

// seen picks the known layout that the first report of a label has. The "]" of
// the identifier tells; the count tells a "]" apart that is data.
func seen(report []byte) Layout {
	for _, l := range []Layout{honeywell(), zebra()} {
		n := int(report[l.Count])
		if report[l.AIM] == ']' && n > 0 && n <= l.DataSize && report[l.Data+n-1] != 0 {
			return l
		}
	}
	return newland()
}
