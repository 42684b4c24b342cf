package image

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"
)

// LoadOrder gives the paths of the modules and of all that they need, each after
// what it needs. A module that is part of the image is left out.
func (k *Kernel) LoadOrder(names ...string) ([]string, error) {
	w := &walk{kernel: k, done: map[string]bool{}}
	for _, n := range names {
		if err := w.visit(moduleName(n), nil); err != nil {
			return nil, err
		}
	}
	return w.order, nil
}

type walk struct {
	kernel *Kernel
	done   map[string]bool
	order  []string
}

func (w *walk) visit(name string, chain []string) error {
	if w.done[name] || w.kernel.Builtin[name] {
		return nil
	}
	w.done[name] = true
	chain = append(chain, name)
	path, ok := w.kernel.Modules[name]
	if !ok {
		return fmt.Errorf("the kernel package has no module %s", strings.Join(chain, ", needed by "))
	}
	needs, err := depends(path)
	if err != nil {
		return fmt.Errorf("module %s: %w", path, err)
	}
	for _, n := range needs {
		if err := w.visit(n, chain); err != nil {
			return err
		}
	}
	w.order = append(w.order, path)
	return nil
}

// depends reads what a module says that it needs: the line depends=a,b of its
// .modinfo section.
func depends(path string) ([]string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	section := f.Section(".modinfo")
	if section == nil {
		_ = f.Close()
		return nil, fmt.Errorf("has no section .modinfo")
	}
	info, err := section.Data()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, err
	}
	return parseDepends(info), nil
}

func parseDepends(info []byte) []string {
	var needs []string
	for field := range bytes.SplitSeq(info, []byte{0}) {
		list, ok := strings.CutPrefix(string(field), "depends=")
		if !ok {
			continue
		}
		for name := range strings.SplitSeq(list, ",") {
			if name != "" {
				needs = append(needs, strings.ReplaceAll(name, "-", "_"))
			}
		}
	}
	return needs
}
