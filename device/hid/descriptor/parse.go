package descriptor

import "fmt"

// The items, by prefix byte without its size bits (HID 1.11, sections 6.2.2.4
// to 6.2.2.8).
const (
	itemInput         = 0x80
	itemOutput        = 0x90
	itemCollection    = 0xa0
	itemFeature       = 0xb0
	itemEndCollection = 0xc0

	itemUsagePage   = 0x04
	itemLogicalMin  = 0x14
	itemLogicalMax  = 0x24
	itemReportSize  = 0x74
	itemReportID    = 0x84
	itemReportCount = 0x94
	itemPush        = 0xa4
	itemPop         = 0xb4

	itemUsage     = 0x08
	itemUsageMin  = 0x18
	itemUsageMax  = 0x28
	itemDelimiter = 0xa8

	itemLong = 0xfe // with its size bits
)

// globals are the items that hold until they are given again.
type globals struct {
	page        uint16
	min         int64
	maxSigned   int64
	maxUnsigned int64
	size, count int
	id          uint8
}

// local is a usage, or a range of them, that the next main item takes.
type local struct {
	Range
	extended bool // the page came with it
}

type parser struct {
	d      *Descriptor
	at     int // offset of the item that is being read
	global globals
	stack  []globals

	usages    []local
	min, max  *local // of a range that has one end so far
	delimiter bool   // inside a set of alternatives
	taken     bool   // the set has given its usage

	within []Usage // the open collections
}

// Parse reads a report descriptor. The error is an *Error.
func Parse(b []byte) (*Descriptor, error) {
	p := parser{d: &Descriptor{bits: make(map[report]int)}}
	if len(b) == 0 {
		return nil, p.fail("it is empty")
	}
	if len(b) > MaxSize {
		p.at = MaxSize
		return nil, p.fail("it is longer than %d bytes", MaxSize)
	}
	for len(b) > 0 {
		n, err := p.next(b)
		if err != nil {
			return nil, err
		}
		b, p.at = b[n:], p.at+n
	}
	if len(p.within) > 0 {
		return nil, p.fail("%d collections are not closed", len(p.within))
	}
	if len(p.d.Collections) == 0 {
		return nil, p.fail("there is no collection")
	}
	return p.d, nil
}

func (p *parser) fail(format string, args ...any) *Error {
	return &Error{Offset: p.at, What: fmt.Sprintf(format, args...)}
}

// next reads one item and gives its length.
func (p *parser) next(b []byte) (int, error) {
	if b[0] == itemLong {
		// No long item was ever defined; they are there to be skipped.
		if len(b) < 3 || len(b) < 3+int(b[1]) {
			return 0, p.fail("a long item is cut off")
		}
		return 3 + int(b[1]), nil
	}
	size := int(b[0] & 3)
	if size == 3 {
		size = 4
	}
	if len(b) < 1+size {
		return 0, p.fail("the item %#02x is cut off: %d of %d bytes are there", b[0], len(b)-1, size)
	}
	var value uint32
	for i := range size {
		value |= uint32(b[1+i]) << (8 * i)
	}
	var err error
	switch b[0] >> 2 & 3 {
	case 0:
		err = p.main(b[0]&^3, value)
	case 1:
		err = p.setGlobal(b[0]&^3, value, size)
	case 2:
		err = p.setLocal(b[0]&^3, value, size)
	}
	if err != nil {
		return 0, err
	}
	return 1 + size, nil
}

func signed(value uint32, size int) int64 {
	switch size {
	case 1:
		return int64(int8(value))
	case 2:
		return int64(int16(value))
	default:
		return int64(int32(value))
	}
}

func (p *parser) setGlobal(item byte, value uint32, size int) error {
	g := &p.global
	switch item {
	case itemUsagePage:
		if value > 0xffff {
			return p.fail("the usage page %#x has more than 16 bits", value)
		}
		g.page = uint16(value)
	case itemLogicalMin:
		g.min = signed(value, size)
	case itemLogicalMax:
		g.maxSigned, g.maxUnsigned = signed(value, size), int64(value)
	case itemReportSize:
		if value > maxWidth {
			return p.fail("an element of %d bits is wider than %d", value, maxWidth)
		}
		g.size = int(value)
	case itemReportCount:
		if value > MaxReport*8 {
			return p.fail("%d elements do not fit a report", value)
		}
		g.count = int(value)
	case itemReportID:
		if value == 0 || value > 0xff {
			return p.fail("%d is no report id", value)
		}
		g.id, p.d.Numbered = uint8(value), true
	case itemPush:
		if len(p.stack) == maxStack {
			return p.fail("more than %d sets of items are pushed", maxStack)
		}
		p.stack = append(p.stack, *g)
	case itemPop:
		if len(p.stack) == 0 {
			return p.fail("nothing was pushed that could be popped")
		}
		*g, p.stack = p.stack[len(p.stack)-1], p.stack[:len(p.stack)-1]
	}
	return nil
}

func (p *parser) setLocal(item byte, value uint32, size int) error {
	switch item {
	case itemUsage:
		return p.declare(p.usage(value, size))
	case itemUsageMin:
		u := p.usage(value, size)
		p.min = &u
	case itemUsageMax:
		u := p.usage(value, size)
		p.max = &u
	case itemDelimiter:
		return p.delimit(value)
	default:
		return nil
	}
	if p.min == nil || p.max == nil {
		return nil
	}
	r := *p.min
	r.Last, r.extended = p.max.Last, r.extended || p.max.extended
	p.min, p.max = nil, nil
	if r.First.Page() != r.Last.Page() || r.First > r.Last {
		return p.fail("the usages from %s to %s are no range", r.First, r.Last)
	}
	return p.declare(r)
}

func (p *parser) usage(value uint32, size int) local {
	if size == 4 {
		return local{Range{Usage(value), Usage(value)}, true}
	}
	u := NewUsage(p.global.page, uint16(value))
	return local{Range{u, u}, false}
}

// declare keeps a usage for the next main item, of alternatives the first.
func (p *parser) declare(u local) error {
	if p.delimiter {
		if p.taken {
			return nil
		}
		p.taken = true
	}
	if len(p.usages) == maxUsages {
		return p.fail("more than %d usages are declared for one field", maxUsages)
	}
	p.usages = append(p.usages, u)
	return nil
}

func (p *parser) delimit(value uint32) error {
	if opens := value != 0; opens == p.delimiter {
		return p.fail("delimiters do not come in pairs")
	}
	p.delimiter, p.taken = value != 0, false
	return nil
}

// settle gives the usages their page: the one in force now, for those at the
// end of the list that were declared before it was set.
func (p *parser) settle() []Range {
	for i := len(p.usages) - 1; i >= 0; i-- {
		u := &p.usages[i]
		if u.extended {
			continue
		}
		if u.First.Page() == p.global.page {
			break
		}
		u.First, u.Last = NewUsage(p.global.page, u.First.ID()), NewUsage(p.global.page, u.Last.ID())
	}
	list := make([]Range, len(p.usages))
	for i, u := range p.usages {
		list[i] = u.Range
	}
	return list
}

func (p *parser) main(item byte, value uint32) error {
	usages := p.settle()
	defer p.forget()
	switch item {
	case itemCollection:
		return p.open(usages)
	case itemEndCollection:
		if len(p.within) == 0 {
			return p.fail("a collection ends that did not begin")
		}
		p.within = p.within[:len(p.within)-1]
	case itemInput:
		return p.field(Input, value, usages)
	case itemOutput:
		return p.field(Output, value, usages)
	case itemFeature:
		return p.field(Feature, value, usages)
	}
	return nil
}

// forget drops the local items, which hold for one main item alone.
func (p *parser) forget() {
	p.usages, p.min, p.max, p.delimiter, p.taken = p.usages[:0], nil, nil, false, false
}

func (p *parser) open(usages []Range) error {
	if len(p.within) == maxDepth {
		return p.fail("more than %d collections are inside each other", maxDepth)
	}
	var u Usage
	if len(usages) > 0 {
		u = usages[0].First
	}
	if len(p.within) == 0 {
		p.d.Collections = append(p.d.Collections, Collection{Usage: u})
	}
	p.within = append(p.within, u)
	return nil
}

func (p *parser) field(kind Kind, flags uint32, usages []Range) error {
	if len(p.within) == 0 {
		return p.fail("a field stands outside of every collection")
	}
	g := p.global
	key := report{kind, g.id}
	f := Field{
		Kind: kind, Report: g.id, Offset: p.d.bits[key], Size: g.size, Count: g.count,
		Constant: flags&1 != 0, Variable: flags&2 != 0, Relative: flags&4 != 0,
		Min: g.min, Max: g.maxSigned, Usages: usages, Within: append([]Usage(nil), p.within...),
	}
	if g.min >= 0 && f.Max < g.min {
		f.Max = g.maxUnsigned // 255 is often written in one byte, which reads as -1
	}
	bits := f.Offset + f.Size*f.Count
	if bits > MaxReport*8 {
		return p.fail("the %s report %d is longer than %d bytes", kind, g.id, MaxReport)
	}
	p.d.bits[key] = bits
	c := &p.d.Collections[len(p.d.Collections)-1]
	c.Fields = append(c.Fields, f)
	return nil
}
