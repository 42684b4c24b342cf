// Command sbom completes a bill of materials in CycloneDX's form. It reads the
// one that cyclonedx-gomod made of a program, which names the Go modules that are
// linked in, and adds what that tool cannot see: the libraries in C and the fonts
// inside modules, and everybody's licences. The result is checked against
// CycloneDX's own schema and has neither time nor serial number, so that two builds
// of one source write the same bytes.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func main() {
	name := flag.String("name", "", "what the program is called")
	version := flag.String("version", "", "version of the package")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *name, *version); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(in io.Reader, out io.Writer, name, version string) error {
	if name == "" || version == "" {
		return errors.New("give -name and -version")
	}
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(in, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		return fmt.Errorf("what cyclonedx-gomod wrote cannot be read: %w", err)
	}
	if err := complete(bom, name, version); err != nil {
		return err
	}
	var text bytes.Buffer
	enc := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
	if err := enc.EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return err
	}
	if err := validate(text.Bytes()); err != nil {
		return err
	}
	_, err := out.Write(text.Bytes())
	return err
}

// complete adds to the modules what is inside them, and the licences.
func complete(bom *cdx.BOM, name, version string) error {
	if bom.Metadata == nil || bom.Metadata.Component == nil || bom.Components == nil || len(*bom.Components) == 0 {
		return errors.New("cyclonedx-gomod found no modules: is this a program in Go, and not changed afterwards?")
	}
	main := bom.Metadata.Component
	main.Name, main.Version = name, version
	if tools := bom.Metadata.Tools; tools != nil && tools.Tools != nil {
		for i := range *tools.Tools {
			(*tools.Tools)[i].Hashes = nil // the build of the tool is not this product's
		}
	}
	modules, err := find(*bom.Components)
	if err != nil {
		return err
	}
	var inside []cdx.Component
	for i := range *bom.Components {
		c := &(*bom.Components)[i]
		dir := modules[c.Name]
		if c.Licenses, err = licences(c.Name, dir); err != nil {
			return err
		}
		parts, err := partsOf(c.Name, dir)
		if err != nil {
			return err
		}
		inside = append(inside, parts...)
		depend(bom, c.BOMRef, parts)
	}
	here, err := goTool("list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return err
	}
	own, err := partsOf(ownModule(name), strings.TrimSpace(here))
	if err != nil {
		return err
	}
	depend(bom, main.BOMRef, own)
	*bom.Components = append(append(*bom.Components, inside...), own...)
	return nil
}

// depend notes that a component has others inside it.
func depend(bom *cdx.BOM, ref string, parts []cdx.Component) {
	if len(parts) == 0 {
		return
	}
	if bom.Dependencies == nil {
		bom.Dependencies = new([]cdx.Dependency)
	}
	var list []string
	for _, p := range parts {
		list = append(list, p.BOMRef)
		*bom.Dependencies = append(*bom.Dependencies, cdx.Dependency{Ref: p.BOMRef})
	}
	for i := range *bom.Dependencies {
		if d := &(*bom.Dependencies)[i]; d.Ref == ref {
			if d.Dependencies != nil {
				list = append(*d.Dependencies, list...)
			}
			d.Dependencies = &list
			return
		}
	}
	*bom.Dependencies = append(*bom.Dependencies, cdx.Dependency{Ref: ref, Dependencies: &list})
}
