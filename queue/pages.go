package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// errPage marks a page of the file that does not say what was written.
var errPage = errors.New("damaged page")

// What bbolt's file format fixes: a page header of 16 bytes {id u64, flags u16,
// count u16, overflow u32}, then meta data, or elements with their positions
// relative to themselves. Numbers are in the byte order of the machine.
const (
	pageHeader = 16
	elementLen = 16 // of a leaf or branch element

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagMeta     = 0x04
	flagFreelist = 0x10

	leafIsBucket = 0x01

	metaMagic   = 0xED0CDAED
	metaVersion = 2
	metaLen     = 64

	// maxOverflow is more than bbolt needs for the few records of maxRecord that
	// it keeps on one page: a page that claims more is damaged.
	maxOverflow = 1024
)

func u16(b []byte) uint16 { return binary.NativeEndian.Uint16(b) }
func u32(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }
func u64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }

// head is one of the file's two meta pages: bbolt writes them in turn, and the
// valid one with the higher transaction number is the current state.
type head struct {
	valid    bool
	pageSize int
	root     uint64 // page of the root bucket
	freelist uint64
	pages    uint64 // page numbers from here on were never used
	txid     uint64
}

func parseHead(b []byte) head {
	if len(b) < pageHeader+metaLen || u16(b[8:]) != flagMeta {
		return head{}
	}
	m := b[pageHeader:]
	h := head{
		pageSize: int(u32(m[8:])),
		root:     u64(m[16:]), freelist: u64(m[32:]), pages: u64(m[40:]), txid: u64(m[48:]),
	}
	sum := fnv.New64a()
	_, _ = sum.Write(m[:56]) // a hash's Write returns no error
	h.valid = u32(m) == metaMagic && u32(m[4:]) == metaVersion && sum.Sum64() == u64(m[56:]) &&
		h.pageSize >= 512 && h.pageSize <= 64<<10 && h.pageSize&(h.pageSize-1) == 0
	return h
}

// pageFile reads a bbolt file page by page and believes nothing that it reads:
// every length and position is checked against the page and the file.
type pageFile struct {
	r        io.ReaderAt
	size     int64
	pageSize int
	heads    [2]head
}

// openPages finds the page size and the two heads. It fails only where neither
// head is valid; which state the file is in is for the caller to judge.
func openPages(r io.ReaderAt, size int64) (*pageFile, error) {
	f := &pageFile{r: r, size: size}
	if size == 0 {
		return f, fmt.Errorf("the file is empty: %w", errPage)
	}
	buf := make([]byte, pageHeader+metaLen)
	if n, err := r.ReadAt(buf, 0); err == nil || n == len(buf) {
		f.heads[0] = parseHead(buf)
	}
	if f.heads[0].valid {
		f.pageSize = f.heads[0].pageSize
		f.readSecond(buf)
		return f, nil
	}
	// Without the first head the place of the second is unknown: try all.
	for f.pageSize = 512; f.pageSize <= 64<<10; f.pageSize *= 2 {
		if f.readSecond(buf); f.heads[1].valid {
			return f, nil
		}
	}
	f.pageSize = 0
	return f, fmt.Errorf("neither of its two heads is valid: %w", errPage)
}

func (f *pageFile) readSecond(buf []byte) {
	if n, err := f.r.ReadAt(buf, int64(f.pageSize)); err != nil && n < len(buf) {
		return
	}
	if h := parseHead(buf); h.valid && h.pageSize == f.pageSize {
		f.heads[1] = h
	}
}

// current is the head that bbolt uses.
func (f *pageFile) current() head {
	a, b := f.heads[0], f.heads[1]
	if !a.valid || b.valid && b.txid > a.txid {
		return b
	}
	return a
}

// page is one page with its overflow.
type page struct {
	id       uint64
	flags    uint16
	count    int
	overflow uint64
	data     []byte
}

// page reads a page below the given limit of page numbers.
func (f *pageFile) page(id, limit uint64) (page, error) {
	if id < 2 || id >= limit {
		return page{}, fmt.Errorf("page %d is outside of 2 to %d: %w", id, limit-1, errPage)
	}
	p, err := f.pageHeader(id)
	if err != nil {
		return p, err
	}
	if p.id != id {
		return p, fmt.Errorf("page %d says that it is page %d: %w", id, p.id, errPage)
	}
	if p.overflow >= limit-id {
		return p, fmt.Errorf("page %d runs over the end: %w", id, errPage)
	}
	if p.flags != flagFreelist && p.overflow > maxOverflow {
		return p, fmt.Errorf("page %d has %d pages of overflow: %w", id, p.overflow, errPage)
	}
	p.data = make([]byte, int64(p.overflow+1)*int64(f.pageSize))
	if _, err := f.r.ReadAt(p.data, int64(id)*int64(f.pageSize)); err != nil {
		return p, fmt.Errorf("page %d: %w: %w", id, errPage, err)
	}
	return p, nil
}

// pageHeader reads what a page says about itself, without its data.
func (f *pageFile) pageHeader(id uint64) (page, error) {
	var b [pageHeader]byte
	off := int64(id) * int64(f.pageSize)
	if off < 0 || off+int64(f.pageSize) > f.size {
		return page{}, fmt.Errorf("page %d is behind the end of the file: %w", id, errPage)
	}
	if _, err := f.r.ReadAt(b[:], off); err != nil {
		return page{}, fmt.Errorf("page %d: %w: %w", id, errPage, err)
	}
	return page{id: u64(b[:]), flags: u16(b[8:]), count: int(u16(b[10:])), overflow: uint64(u32(b[12:]))}, nil
}

// leafItem is one element of a leaf page. It aliases the page's data.
type leafItem struct {
	bucket     bool
	key, value []byte
}

// item returns element i of a leaf.
func (p page) item(i int) (leafItem, error) {
	off := pageHeader + i*elementLen
	if off+elementLen > len(p.data) {
		return leafItem{}, fmt.Errorf("page %d, element %d: %w", p.id, i, errPage)
	}
	e := p.data[off:]
	start := uint64(off) + uint64(u32(e[4:]))
	mid := start + uint64(u32(e[8:]))
	end := mid + uint64(u32(e[12:]))
	if start < uint64(off+elementLen) || mid == start || end > uint64(len(p.data)) || u32(e) > leafIsBucket {
		return leafItem{}, fmt.Errorf("page %d, element %d: %w", p.id, i, errPage)
	}
	return leafItem{bucket: u32(e) == leafIsBucket, key: p.data[start:mid], value: p.data[mid:end]}, nil
}

// child returns the page that element i of a branch points to, and its key.
func (p page) child(i int) (uint64, []byte, error) {
	off := pageHeader + i*elementLen
	if off+elementLen > len(p.data) {
		return 0, nil, fmt.Errorf("page %d, element %d: %w", p.id, i, errPage)
	}
	e := p.data[off:]
	start := uint64(off) + uint64(u32(e))
	end := start + uint64(u32(e[4:]))
	if start < uint64(off+elementLen) || end == start || end > uint64(len(p.data)) {
		return 0, nil, fmt.Errorf("page %d, element %d: %w", p.id, i, errPage)
	}
	return u64(e[8:]), p.data[start:end], nil
}

// inline returns the page that a small bucket carries in its own value.
func inlinePage(owner uint64, value []byte) (page, error) {
	if len(value) < 16+pageHeader {
		return page{}, fmt.Errorf("page %d: inline bucket of %d bytes: %w", owner, len(value), errPage)
	}
	b := value[16:]
	return page{id: owner, flags: u16(b[8:]), count: int(u16(b[10:])), data: b}, nil
}

// bucketRoot reads a bucket's value: its root page, or 0 where it is inline.
func bucketRoot(owner uint64, value []byte) (uint64, error) {
	if len(value) < 16 {
		return 0, fmt.Errorf("page %d: bucket of %d bytes: %w", owner, len(value), errPage)
	}
	return u64(value), nil
}
