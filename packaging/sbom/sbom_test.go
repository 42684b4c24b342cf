package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// fromTool is what cyclonedx-gomod writes of a program that links one module.
func fromTool(t *testing.T, module string) *bytes.Reader {
	t.Helper()
	out, err := goTool("list", "-m", "-f", "{{.Version}}", module)
	if err != nil {
		t.Fatal(err)
	}
	version := strings.TrimSpace(out)
	ref := "pkg:golang/" + module + "@" + version + "?type=module"
	return bytes.NewReader(fmt.Appendf(nil, `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,
"metadata":{"tools":[{"vendor":"CycloneDX","name":"cyclonedx-gomod","version":"v1.10.0","hashes":[{"alg":"MD5","content":"e8f49e01683411c793deb25e468119d0"}]}],
"component":{"bom-ref":"main","type":"application","name":"posagent","version":"v1"}},
"components":[{"bom-ref":%q,"type":"library","name":%q,"version":%q}],
"dependencies":[{"ref":"main","dependsOn":[%q]}]}`, ref, module, version, ref))
}

func bill(t *testing.T, module, program string) *cdx.BOM {
	t.Helper()
	var out, again bytes.Buffer
	if err := run(fromTool(t, module), &out, program, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	if err := run(fromTool(t, module), &again, program, "1.2.3"); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("two runs differ (%v)", err)
	}
	for _, word := range []string{"serialNumber", "timestamp", "e8f49e01683411c793deb25e468119d0"} {
		if bytes.Contains(out.Bytes(), []byte(word)) {
			t.Errorf("%q is in it, which is another in each build", word)
		}
	}
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(&out, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	return bom
}

func component(t *testing.T, bom *cdx.BOM, name string) cdx.Component {
	t.Helper()
	for _, c := range *bom.Components {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no %q among the components", name)
	return cdx.Component{}
}

func TestLibrariesInCAreListedWithTheVersionOfTheirSource(t *testing.T) {
	bom := bill(t, "github.com/karalabe/hid", "posagent")
	for _, want := range []struct{ name, version, licence string }{
		{"libusb", "1.0.27", "LGPL-2.1-or-later"},
		{"hidapi", "0.14.0", "BSD-3-Clause OR GPL-3.0-only OR LicenseRef-HIDAPI"},
	} {
		c := component(t, bom, want.name)
		if c.Version != want.version || (*c.Licenses)[0].Expression != want.licence {
			t.Errorf("%s %s %v, want %s %s", c.Name, c.Version, *c.Licenses, want.version, want.licence)
		}
	}
	if main := bom.Metadata.Component; main.Name != "posagent" || main.Version != "1.2.3" {
		t.Errorf("the program is called %s %s", main.Name, main.Version)
	}
	for _, d := range *bom.Dependencies {
		if strings.HasPrefix(d.Ref, "pkg:golang/github.com/karalabe/hid@") && len(*d.Dependencies) != 2 {
			t.Errorf("the module depends on %v, want libusb and hidapi", *d.Dependencies)
		}
	}
}

func TestFontsAreListedWithTheWindowAndNotWithTheDaemon(t *testing.T) {
	c := component(t, bill(t, "github.com/spf13/cobra", "posagent-ui"), "Noto Sans CJK (subsets)")
	if c.Version != "2.004" || c.Type != cdx.ComponentTypeFile {
		t.Errorf("got %s %s, want 2.004, a file", c.Version, c.Type)
	}
	if list := *bill(t, "github.com/spf13/cobra", "posagent").Components; len(list) != 1 {
		t.Errorf("the daemon has %d parts, want its module alone", len(list))
	}
}

func TestAModuleThatIsNotTheSourcesIsAnError(t *testing.T) {
	text := strings.Replace(readAll(t, fromTool(t, "github.com/spf13/cobra")), `"name":"github.com/spf13/cobra","version":"v1.`, `"name":"github.com/spf13/cobra","version":"v0.`, 1)
	err := run(strings.NewReader(text), new(bytes.Buffer), "posagent", "1")
	if err == nil || !strings.Contains(err.Error(), "not what was linked") {
		t.Errorf("got %v", err)
	}
}

func readAll(t *testing.T, r *bytes.Reader) string {
	t.Helper()
	body := make([]byte, r.Len())
	if _, err := r.Read(body); err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAProgramWithoutModulesIsAnError(t *testing.T) {
	empty := `{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"metadata":{"component":{"type":"application","name":"x"}}}`
	if err := run(strings.NewReader(empty), new(bytes.Buffer), "posagent", "1"); err == nil {
		t.Error("an empty bill was completed")
	}
}

func TestALicenceThatNobodyKnowsIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("Ask my lawyer."), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := licences("example.com/x", dir); err == nil {
		t.Errorf("got %v", *l)
	}
}

func TestAFileThatIsNoFontHasNoRevision(t *testing.T) {
	table := append([]byte{0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, "head\x00\x00\x00\x00\x00\x00\x00\x1c\x00\x00\x00\x36"...)
	for _, font := range []string{"", "short", string(table), string(table[:20])} {
		if got, err := fontRevision([]byte(font)); err == nil {
			t.Errorf("%q has revision %s", font, got)
		}
	}
	if got, err := fontRevision(append(table, 0, 1, 0, 0, 0, 2, 0x80, 0)); got != "2.500" || err != nil {
		t.Errorf("got %s, %v; want 2.500", got, err)
	}
}

func TestABillThatIsNotAsTheSchemaWantsIsRefused(t *testing.T) {
	if err := validate([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[{"type":"nonsense","name":"x"}]}`)); err == nil {
		t.Error("a component of no known type passed")
	}
}
