package queue

import (
	"fmt"
	"os"
)

// inspectFile checks, before bbolt maps the file, everything that would make
// bbolt panic, or fault, or run in circles: the size, both heads, the list of
// free pages, and the branch pages of every bucket. Leaves are left to the
// checksums of their records.
func inspectFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("not a regular file: %w", errPage)
	}
	pages, err := openPages(f, info.Size())
	if err != nil {
		return err
	}
	return pages.inspect()
}

func (f *pageFile) inspect() error {
	h := f.current()
	for i, other := range f.heads {
		if !other.valid {
			// bbolt would fall back to the other head silently, and with it
			// lose the newest commit: maybe one that let a message leave.
			return fmt.Errorf("head %d of 2 is not valid, the newest write may be lost: %w", i, errPage)
		}
	}
	if need := int64(h.pages) * int64(f.pageSize); h.pages < 4 || need <= 0 || f.size < need {
		return fmt.Errorf("the file has %d bytes, its head says %d: it was cut off: %w", f.size, need, errPage)
	}
	refs := newPageSet(h.pages)
	if err := f.inspectFreelist(h, refs); err != nil {
		return err
	}
	return f.inspectTree(h, refs, h.root)
}

// inspectFreelist checks the list of free pages and claims its pages.
func (f *pageFile) inspectFreelist(h head, refs pageSet) error {
	p, err := f.page(h.freelist, h.pages)
	if err != nil {
		return err
	}
	if p.flags != flagFreelist {
		return fmt.Errorf("page %d is not the list of free pages: %w", p.id, errPage)
	}
	if err := refs.claim(p); err != nil {
		return err
	}
	ids := p.data[pageHeader:]
	n := uint64(p.count)
	if p.count == 0xFFFF { // the true count stands in front
		n = u64(ids)
		ids = ids[8:]
	}
	if n > uint64(len(ids)/8) {
		return fmt.Errorf("page %d lists %d free pages and has no room for them: %w", p.id, n, errPage)
	}
	for i := range n {
		if err := refs.claim(page{id: u64(ids[8*i:])}); err != nil {
			return fmt.Errorf("list of free pages: %w", err)
		}
	}
	return nil
}

// inspectTree walks the branch pages below a root. Of the children of a branch
// the first one tells whether all are leaves: bbolt's trees are equally deep
// everywhere. Every page may be pointed to only once, which rules out circles.
func (f *pageFile) inspectTree(h head, refs pageSet, root uint64) error {
	p, err := f.page(root, h.pages)
	if err != nil {
		return err
	}
	if err := refs.claim(p); err != nil {
		return err
	}
	switch p.flags {
	case flagLeaf:
		if root == h.root {
			return f.inspectBuckets(h, refs, p)
		}
		return nil
	case flagBranch:
	default:
		return fmt.Errorf("page %d has flags %#x: %w", p.id, p.flags, errPage)
	}
	if p.count == 0 {
		return fmt.Errorf("page %d is an empty branch: %w", p.id, errPage)
	}
	leaves := false
	for i := range p.count {
		id, _, err := p.child(i)
		if err != nil {
			return err
		}
		if i == 0 {
			if id < 2 || id >= h.pages {
				return fmt.Errorf("page %d points to page %d: %w", p.id, id, errPage)
			}
			first, err := f.pageHeader(id)
			if err != nil {
				return err
			}
			leaves = first.flags == flagLeaf && root != h.root
		}
		if leaves {
			err = refs.claim(page{id: id})
		} else {
			err = f.inspectTree(h, refs, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inspectBuckets walks the buckets that a page of the root bucket names.
func (f *pageFile) inspectBuckets(h head, refs pageSet, p page) error {
	for i := range p.count {
		item, err := p.item(i)
		if err != nil {
			return err
		}
		if !item.bucket {
			return fmt.Errorf("page %d: %q is not a bucket: %w", p.id, item.key, errPage)
		}
		root, err := bucketRoot(p.id, item.value)
		if err != nil {
			return err
		}
		if root != 0 {
			if err := f.inspectTree(h, refs, root); err != nil {
				return fmt.Errorf("bucket %q: %w", item.key, err)
			}
			continue
		}
		inline, err := inlinePage(p.id, item.value)
		if err != nil {
			return err
		}
		if inline.flags != flagLeaf {
			return fmt.Errorf("bucket %q: inline page has flags %#x: %w", item.key, inline.flags, errPage)
		}
		for k := range inline.count {
			if _, err := inline.item(k); err != nil {
				return fmt.Errorf("bucket %q: %w", item.key, err)
			}
		}
	}
	return nil
}

// pageSet holds one bit for each page that something points to.
type pageSet struct {
	bits  []uint64
	limit uint64
}

func newPageSet(limit uint64) pageSet {
	return pageSet{make([]uint64, limit/64+1), limit}
}

func (s pageSet) has(id uint64) bool { return id < s.limit && s.bits[id/64]&(1<<(id%64)) != 0 }

// claim marks a page with its overflow; a page that has an owner already is
// damage.
func (s pageSet) claim(p page) error {
	for id := p.id; id <= p.id+p.overflow; id++ {
		if id < 2 || id >= s.limit {
			return fmt.Errorf("page %d is outside of 2 to %d: %w", id, s.limit-1, errPage)
		}
		if s.has(id) {
			return fmt.Errorf("page %d belongs to two owners: %w", id, errPage)
		}
		s.bits[id/64] |= 1 << (id % 64)
	}
	return nil
}

func (s pageSet) empty() bool {
	for _, b := range s.bits {
		if b != 0 {
			return false
		}
	}
	return true
}
