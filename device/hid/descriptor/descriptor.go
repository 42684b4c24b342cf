package descriptor

import "fmt"

// The limits. A descriptor within them fits every device that works with
// Linux, which has the same limit of 4,096 bytes and lower ones elsewhere.
const (
	// MaxSize is the longest descriptor, in bytes.
	MaxSize = 4096
	// MaxReport is the longest report, in bytes, without its id.
	MaxReport = 16384

	maxDepth  = 32  // collections inside each other
	maxStack  = 16  // pushed sets of global items
	maxUsages = 512 // declared for one main item, ranges counting once
	maxWidth  = 256 // bits of one element
)

// Usage says what something is: the usage page in the upper 16 bits, the usage
// id in the lower ones.
type Usage uint32

// NewUsage joins a page and an id.
func NewUsage(page, id uint16) Usage { return Usage(page)<<16 | Usage(id) }

// Page is the usage page, e.g. 0x8c for bar code scanners.
func (u Usage) Page() uint16 { return uint16(u >> 16) }

// ID is the usage within its page.
func (u Usage) ID() uint16 { return uint16(u) }

// String writes both in hexadecimal, e.g. "8c:fe".
func (u Usage) String() string { return fmt.Sprintf("%02x:%02x", u.Page(), u.ID()) }

// Kind says which way a report goes. The values are those of this package alone.
type Kind string

// The kinds of report.
const (
	Input   Kind = "input"
	Output  Kind = "output"
	Feature Kind = "feature"
)

// Range is a run of usages, first and last included.
type Range struct{ First, Last Usage }

// Field is one main item: Count elements of Size bits each, side by side.
type Field struct {
	Kind Kind
	// Report is the report id, 0 where the device has none.
	Report uint8
	// Offset is where the first element begins, in bits from the start of the
	// report; the byte of the report id does not count.
	Offset int
	// Size is the width of one element in bits, Count their number.
	Size, Count int
	// Constant elements are padding. Where Variable is false the elements are
	// an array: each holds the number of a usage instead of its value.
	Constant, Variable, Relative bool
	// Min and Max are the logical range.
	Min, Max int64
	// Usages are those that were declared, in order.
	Usages []Range
	// Within are the usages of the collections around it, outermost first.
	Within []Usage
}

// Usage is what element i of a variable field is: the i-th declared usage, the
// last one for all that follow it. It is 0 where none was declared.
func (f Field) Usage(i int) Usage {
	for _, r := range f.Usages {
		n := int(r.Last-r.First) + 1
		if i < n {
			return r.First + Usage(i)
		}
		i -= n
	}
	if len(f.Usages) > 0 {
		return f.Usages[len(f.Usages)-1].Last
	}
	return 0
}

// Bit is where element i begins, in bits from the start of the report.
func (f Field) Bit(i int) int { return f.Offset + i*f.Size }

// In tells whether a collection around the field has the usage.
func (f Field) In(u Usage) bool {
	for _, w := range f.Within {
		if w == u {
			return true
		}
	}
	return false
}

// Collection is a top-level collection: one function of the interface.
type Collection struct {
	Usage Usage
	// Fields are those in it and in the collections inside it, in order.
	Fields []Field
}

// Descriptor is a report descriptor that was read.
type Descriptor struct {
	Collections []Collection
	// Numbered says that every report begins with a byte that is its id.
	Numbered bool

	bits map[report]int
}

type report struct {
	kind Kind
	id   uint8
}

// Has tells whether there is a top-level collection of the usage page.
func (d *Descriptor) Has(page uint16) bool {
	for _, c := range d.Collections {
		if c.Usage.Page() == page {
			return true
		}
	}
	return false
}

// HasUsage tells whether there is a top-level collection of the usage.
func (d *Descriptor) HasUsage(u Usage) bool {
	for _, c := range d.Collections {
		if c.Usage == u {
			return true
		}
	}
	return false
}

// Size is the length of a report in bytes, the byte of its id included where
// reports have one. It is 0 for a report that is not declared.
func (d *Descriptor) Size(kind Kind, id uint8) int {
	bits, ok := d.bits[report{kind, id}]
	switch {
	case !ok:
		return 0
	case d.Numbered:
		return (bits+7)/8 + 1
	default:
		return (bits + 7) / 8
	}
}

// Error says what is wrong with a descriptor.
type Error struct {
	// Offset is the byte at which the item begins that is wrong.
	Offset int
	What   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("report descriptor, byte %d: %s", e.Offset, e.What)
}
