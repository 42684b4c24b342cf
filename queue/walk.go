package queue

import (
	"bytes"
	"fmt"
)

// walker visits every page of every bucket below one head. It follows nothing
// that it has not checked; what is broken is reported and left out, and the walk
// goes on beside it.
type walker struct {
	f    *pageFile
	h    head
	seen pageSet
	// visit gets every leaf with its bucket's name; its error ends the walk.
	visit func(bucket string, leaf page) error
	// broken gets what could not be followed.
	broken func(bucket string, err error)
}

func (w *walker) walk() error {
	return w.tree("", w.h.root, nil, nil)
}

// tree visits what is below a page. Keys must lie from low up to high, where
// those are not nil. The bucket "" is the root, whose leaves name the others.
func (w *walker) tree(bucket string, id uint64, low, high []byte) error {
	p, err := w.f.page(id, w.h.pages)
	if err == nil {
		err = w.seen.claim(p)
	}
	if err == nil && p.flags != flagLeaf && p.flags != flagBranch {
		err = fmt.Errorf("page %d has flags %#x: %w", id, p.flags, errPage)
	}
	if err == nil && p.flags == flagBranch && p.count == 0 { // it would hide all that was below it
		err = fmt.Errorf("page %d is an empty branch: %w", id, errPage)
	}
	if err != nil {
		w.broken(bucket, fmt.Errorf("bucket %q: %w", bucket, err))
		return nil
	}
	if p.flags == flagLeaf {
		return w.leaf(bucket, p, low, high)
	}
	for i := range p.count {
		child, key, err := p.child(i)
		if err != nil {
			w.broken(bucket, fmt.Errorf("bucket %q: %w", bucket, err))
			continue
		}
		next := high
		if i+1 < p.count {
			if _, k, err := p.child(i + 1); err == nil {
				next = k
			}
		}
		if err := ordered(p, i, key, low, high); err != nil {
			w.broken(bucket, fmt.Errorf("bucket %q: %w", bucket, err))
		}
		if err := w.tree(bucket, child, key, next); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) leaf(bucket string, p page, low, high []byte) error {
	before := low
	for i := range p.count {
		item, err := p.item(i)
		if err == nil && i > 0 && bytes.Compare(item.key, before) <= 0 {
			err = fmt.Errorf("page %d, element %d is out of order: %w", p.id, i, errPage)
		}
		if err == nil {
			err = ordered(p, i, item.key, low, high)
		}
		if err == nil && item.bucket != (bucket == "") {
			err = fmt.Errorf("page %d, element %d: a bucket in the wrong place: %w", p.id, i, errPage)
		}
		if err != nil {
			w.broken(bucket, fmt.Errorf("bucket %q: %w", bucket, err))
			continue
		}
		before = item.key
		if item.bucket {
			if err := w.bucket(string(item.key), p.id, item.value); err != nil {
				return err
			}
		}
	}
	return w.visit(bucket, p)
}

// bucket visits a bucket by the value that the root keeps of it.
func (w *walker) bucket(name string, owner uint64, value []byte) error {
	root, err := bucketRoot(owner, value)
	if err != nil {
		w.broken(name, fmt.Errorf("bucket %q: %w", name, err))
		return nil
	}
	if root != 0 {
		return w.tree(name, root, nil, nil)
	}
	p, err := inlinePage(owner, value)
	if err == nil && p.flags != flagLeaf {
		err = fmt.Errorf("page %d: inline page with flags %#x: %w", owner, p.flags, errPage)
	}
	if err != nil {
		w.broken(name, fmt.Errorf("bucket %q: %w", name, err))
		return nil
	}
	return w.leaf(name, p, nil, nil)
}

func ordered(p page, i int, key, low, high []byte) error {
	if low != nil && bytes.Compare(key, low) < 0 || high != nil && bytes.Compare(key, high) >= 0 {
		return fmt.Errorf("page %d, element %d lies outside of its branch: %w", p.id, i, errPage)
	}
	return nil
}
