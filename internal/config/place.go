package config

import (
	"fmt"
	"strconv"
)

// placeByName finds for each [[scanner]] of a file the scanner that it means: the one of an earlier file with the
// same name, or a new one.
func (l *loader) placeByName(doc *document, entries []entry) func(entry) (int, *misfit) {
	earlier := len(l.cfg.Scanners)
	names := map[int]string{}
	for _, e := range entries {
		if name, ok := e.value.(string); ok && e.section.list && e.leaf.name == "name" {
			names[e.element] = name
		}
	}
	placed := map[int]int{}
	return func(e entry) (int, *misfit) {
		if n, ok := placed[e.element]; ok {
			return n, nil
		}
		n := 0
		for i := range earlier {
			if name := names[e.element]; name != "" && l.cfg.Scanners[i].Name == name {
				n = i + 1
			}
		}
		if n == 0 {
			l.cfg.Scanners = append(l.cfg.Scanners, DefaultScanner())
			n = len(l.cfg.Scanners)
			l.headers[scannerKey(n)] = doc.origin(scannerKey(e.element))
		}
		placed[e.element] = n
		return n, nil
	}
}

// placeByNumber takes the number from the variable itself; one beyond the last adds a scanner.
func (l *loader) placeByNumber(e entry) (int, *misfit) {
	last := len(l.cfg.Scanners)
	if e.element > last+1 {
		return 0, &misfit{
			fmt.Sprintf("there is no scanner %d, the last one is %d", e.element, last),
			fmt.Sprintf("use a number from 1 to %d", last+1),
		}
	}
	if e.element == last+1 {
		l.cfg.Scanners = append(l.cfg.Scanners, DefaultScanner())
		l.headers[scannerKey(e.element)] = e.origin
	}
	return e.element, nil
}

// nameScanners gives the nameless ones a name, so that status and log can speak of them.
func (l *loader) nameScanners() {
	taken := map[string]bool{}
	for _, s := range l.cfg.Scanners {
		taken[s.Name] = true
	}
	for i := range l.cfg.Scanners {
		if l.cfg.Scanners[i].Name != "" {
			continue
		}
		for n := i + 1; ; n++ {
			if name := "scanner-" + strconv.Itoa(n); !taken[name] {
				l.cfg.Scanners[i].Name, taken[name] = name, true
				break
			}
		}
	}
}

func scannerKey(n int) string { return fmt.Sprintf("scanner[%d]", n) }
