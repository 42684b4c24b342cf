package support

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// pack searches everything, and makes the zip if nothing was found.
func (b *bundle) pack() ([]byte, error) {
	manifest, err := json.MarshalIndent(b.manifest, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	files := append([]file{{"README.txt", b.readme()}, {"manifest.json", append(manifest, '\n')}}, b.files...)
	if err := b.refuse(files); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: b.manifest.Made}
		h.SetMode(0o600)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(f.content)
		}
		if err != nil {
			return nil, fmt.Errorf("packing %s: %w", f.name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("packing: %w", err)
	}
	return out.Bytes(), nil
}

// refuse is the last word: nothing that looks like a secret leaves.
func (b *bundle) refuse(files []file) error {
	e := &SecretError{}
	for _, f := range files {
		for _, place := range search(f.name, f.content, b.needles) {
			if len(e.Found) < foundLimit {
				e.Found = append(e.Found, place)
				continue
			}
			e.More++
		}
	}
	if len(e.Found) > 0 {
		return e
	}
	return nil
}

// readme says to whoever must approve sending the bundle what is in it.
func (b *bundle) readme() []byte {
	var out bytes.Buffer
	m := &b.manifest
	fmt.Fprintf(&out, "posagent support bundle\n\nStore %s, terminal %s, made %s, looking back to %s.\n\n",
		orNone(m.Store), orNone(m.Terminal), m.Made.Format("2006-01-02 15:04:05 MST"), m.Since.Format("2006-01-02 15:04:05 MST"))
	out.WriteString("It holds what is needed to find a fault of this till: numbers and amounts of sales, ids of payments, states,\n" +
		"times, names of persons where they acted (cashiers, supervisors, users of this machine), names of scanners,\n" +
		"and facts of the machine. Payment codes are masked: first two and last four digits.\n" +
		"It was searched, before it was written, for:\n")
	for _, s := range m.Searched {
		fmt.Fprintf(&out, "  - %s\n", s)
	}
	for _, u := range m.Unread {
		fmt.Fprintf(&out, "  - of %s only the shape: %s\n", u.Name, oneLine(u.Why))
	}
	out.WriteString("\nFiles (manifest.json has their sizes and SHA-256):\n")
	for _, p := range m.Parts {
		cut := ""
		if p.Cut {
			cut = " (cut: it was longer)"
		}
		fmt.Fprintf(&out, "  %-32s %s%s\n", p.Name, p.About, cut)
	}
	list := func(title string, n int, each func(io.Writer)) {
		if n > 0 {
			out.WriteString("\n" + title + ":\n")
			each(&out)
		}
	}
	list("Not there, and why", len(m.Missing), func(w io.Writer) {
		for _, x := range m.Missing {
			fmt.Fprintf(w, "  %-32s %s\n", x.Name, oneLine(x.Why))
		}
	})
	list("Left out on purpose", len(m.LeftOut), func(w io.Writer) {
		for _, name := range m.LeftOut {
			fmt.Fprintf(w, "  %s\n", name)
		}
	})
	return out.Bytes()
}

func orNone(s string) string {
	if s == "" {
		return "(not known)"
	}
	return s
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
