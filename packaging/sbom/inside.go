package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// part is something that is not Go, inside a module or in this source.
type part struct {
	module  string // whose source holds it
	name    string
	licence string // SPDX expression
	purl    string // without the version
	file    string // where its version is told, below the module
	// numbers finds the version's numbers in a header in C; nil: file is a font.
	numbers *regexp.Regexp
}

// parts is what tools cannot find: sources in C that a module compiles, and files
// that it embeds.
func parts() []part {
	header := regexp.MustCompile
	fyne, own := "fyne.io/fyne/v2", ownModule("posagent-ui")
	return []part{
		{
			module: "github.com/karalabe/hid", name: "libusb", licence: "LGPL-2.1-or-later", purl: "pkg:github/libusb/libusb",
			file: "libusb/libusb/version.h", numbers: header(`#define LIBUSB_(?:MAJOR|MINOR|MICRO)\s+(\d+)`),
		},
		{
			module: "github.com/karalabe/hid", name: "hidapi", licence: "BSD-3-Clause OR GPL-3.0-only OR LicenseRef-HIDAPI", purl: "pkg:github/libusb/hidapi",
			file: "hidapi/hidapi/hidapi.h", numbers: header(`#define HID_API_VERSION_(?:MAJOR|MINOR|PATCH)\s+(\d+)`),
		},
		{
			module: "github.com/go-gl/glfw/v3.4/glfw", name: "glfw", licence: "Zlib", purl: "pkg:github/glfw/glfw",
			file: "glfw/include/GLFW/glfw3.h", numbers: header(`#define GLFW_VERSION_(?:MAJOR|MINOR|REVISION)\s+(\d+)`),
		},
		{module: fyne, name: "Noto Sans", licence: "OFL-1.1", file: "theme/font/NotoSans-Regular.ttf"},
		{module: fyne, name: "DejaVu Sans Mono for Powerline", licence: "Bitstream-Vera", file: "theme/font/DejaVuSansMono-Powerline.ttf"},
		{module: fyne, name: "Inter", licence: "OFL-1.1", file: "theme/font/InterSymbols-Regular.ttf"},
		{module: fyne, name: "EmojiOne Color", licence: "MIT", file: "theme/font/EmojiOneColor.otf"},
		{module: own, name: "Noto Sans CJK (subsets)", licence: "OFL-1.1", file: "ui/fonts/noto/zh-Hans-Regular.otf"},
		{module: own, name: "Noto Sans Thai (subset)", licence: "OFL-1.1", file: "ui/fonts/noto/th-Regular.ttf"},
	}
}

// partsOf makes components of what is inside a module whose source is in dir.
func partsOf(module, dir string) ([]cdx.Component, error) {
	var list []cdx.Component
	for _, p := range parts() {
		if p.module != module {
			continue
		}
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p.file)))
		if err != nil {
			return nil, fmt.Errorf("%s in %s is not where it was: %w", p.name, module, err)
		}
		version, err := p.version(body)
		if err != nil {
			return nil, fmt.Errorf("%s in %s: %w", p.name, module, err)
		}
		c := cdx.Component{
			Type: cdx.ComponentTypeLibrary, Name: p.name, Version: version, Licenses: expression(p.licence), Scope: cdx.ScopeRequired,
			BOMRef:      strings.ReplaceAll(strings.ToLower(p.name), " ", "-") + "@" + version + "#" + module,
			Description: "source in C, compiled and linked statically",
		}
		if p.purl != "" {
			c.PackageURL = p.purl + "@v" + version
		}
		if p.numbers == nil {
			c.Type, c.Description = cdx.ComponentTypeFile, "font, embedded"
		}
		list = append(list, c)
	}
	return list, nil
}

func (p part) version(body []byte) (string, error) {
	if p.numbers == nil {
		return fontRevision(body)
	}
	var numbers []string
	for _, m := range p.numbers.FindAllSubmatch(body, 3) {
		numbers = append(numbers, string(m[1]))
	}
	if len(numbers) != 3 {
		return "", fmt.Errorf("%s tells no version", p.file)
	}
	return strings.Join(numbers, "."), nil
}

// fontRevision reads an OpenType font's version out of its table "head".
func fontRevision(font []byte) (string, error) {
	bad := errors.New("this is no OpenType font")
	if len(font) < 12 {
		return "", bad
	}
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		entry := 12 + 16*i
		if entry+16 > len(font) {
			return "", bad
		}
		if string(font[entry:entry+4]) != "head" {
			continue
		}
		at := int(binary.BigEndian.Uint32(font[entry+8:]))
		if at+8 > len(font) {
			return "", bad
		}
		return fmt.Sprintf("%.3f", float64(int32(binary.BigEndian.Uint32(font[at+4:])))/65536), nil
	}
	return "", bad
}
