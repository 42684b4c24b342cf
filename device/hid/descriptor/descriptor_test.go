package descriptor_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"posagent/device/hid/descriptor"
)

// unhex reads bytes that are written with spaces.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// describe writes what a report consists of, one field a line.
func describe(d *descriptor.Descriptor) string {
	var b strings.Builder
	for _, c := range d.Collections {
		fmt.Fprintf(&b, "collection %s\n", c.Usage)
		for _, f := range c.Fields {
			fmt.Fprintf(&b, "%s %d: bit %d, %d x %d, %d..%d", f.Kind, f.Report, f.Offset, f.Count, f.Size, f.Min, f.Max)
			switch {
			case f.Constant:
				b.WriteString(", padding")
			case !f.Variable:
				b.WriteString(", array")
			}
			for _, r := range f.Usages {
				fmt.Fprintf(&b, ", %s", r.First)
				if r.Last != r.First {
					fmt.Fprintf(&b, "-%s", r.Last)
				}
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestADescriptorGivesItsCollectionsAndFields(t *testing.T) {
	for _, tc := range []struct {
		name, bytes, want string
	}{
		{
			"the boot keyboard of HID 1.11, appendix E.6",
			`05 01 09 06 a1 01 05 07 19 e0 29 e7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01
			 95 05 75 01 05 08 19 01 29 05 91 02 95 01 75 03 91 01
			 95 06 75 08 15 00 25 65 05 07 19 00 29 65 81 00 c0`,
			`collection 01:06
input 0: bit 0, 8 x 1, 0..1, 07:e0-07:e7
input 0: bit 8, 1 x 8, 0..1, padding
output 0: bit 0, 5 x 1, 0..1, 08:01-08:05
output 0: bit 5, 1 x 3, 0..1, padding
input 0: bit 16, 6 x 8, 0..101, array, 07:00-07:65
`,
		},
		{
			"a bar code scanner with report id, buffered bytes and a vendor's page",
			`05 8c 09 02 a1 01 85 02 09 12 a1 02 15 00 26 ff 00 75 08 95 01 05 01 09 3b 81 02
			 05 8c 95 03 09 fb 09 fc 09 fd 81 02 95 38 09 fe 82 02 01
			 95 02 06 66 ff 09 04 09 00 81 02 05 8c 25 01 75 01 95 01 09 ff 81 02 75 07 81 03 c0 c0`,
			`collection 8c:02
input 2: bit 0, 1 x 8, 0..255, 01:3b
input 2: bit 8, 3 x 8, 0..255, 8c:fb, 8c:fc, 8c:fd
input 2: bit 32, 56 x 8, 0..255, 8c:fe
input 2: bit 480, 2 x 8, 0..255, ff66:04, ff66:00
input 2: bit 496, 1 x 1, 0..1, 8c:ff
input 2: bit 497, 1 x 7, 0..1, padding
`,
		},
		{
			"two functions, the reports of each counted by their ids",
			`05 01 09 06 a1 01 85 01 75 08 95 02 81 02 85 03 81 02 c0  05 8c 09 02 a1 01 85 01 95 01 81 02 85 03 91 02 b1 02 c0`,
			`collection 01:06
input 1: bit 0, 2 x 8, 0..0
input 3: bit 0, 2 x 8, 0..0
collection 8c:02
input 1: bit 16, 1 x 8, 0..0
output 3: bit 0, 1 x 8, 0..0
feature 3: bit 0, 1 x 8, 0..0
`,
		},
		{
			"pushed items come back whole",
			"05 8c 09 02 a1 01 75 08 95 04 15 01 25 0a a4 05 01 75 10 95 01 15 00 09 3b 81 02 b4 09 fe 81 02 c0",
			"collection 8c:02\ninput 0: bit 0, 1 x 16, 0..10, 01:3b\ninput 0: bit 16, 4 x 8, 1..10, 8c:fe\n",
		},
		{
			"a usage of four bytes brings its page with it",
			"05 8c 0b 02 00 8c 00 a1 01 75 08 95 01 05 07 0b 3b 00 01 00 81 02 1b 01 00 66 ff 2b 05 00 66 ff 95 05 81 02 c0",
			"collection 8c:02\ninput 0: bit 0, 1 x 8, 0..0, 01:3b\ninput 0: bit 8, 5 x 8, 0..0, ff66:01-ff66:05\n",
		},
		{
			"a page that comes after its usage is the usage's page",
			"09 02 05 8c a1 01 75 08 95 03 09 fb 09 fc 05 01 09 3b 81 02 09 fe 05 8c 95 01 81 02 c0",
			"collection 8c:02\ninput 0: bit 0, 3 x 8, 0..0, 8c:fb, 8c:fc, 01:3b\ninput 0: bit 24, 1 x 8, 0..0, 8c:fe\n",
		},
		{
			"of alternatives the first counts",
			"05 8c 09 02 a1 01 75 08 95 02 a9 01 09 fe 09 fb a9 00 09 ff 81 02 c0",
			"collection 8c:02\ninput 0: bit 0, 2 x 8, 0..0, 8c:fe, 8c:ff\n",
		},
		{
			"a negative range, and a largest value whose sign bit is none",
			"05 01 09 02 a1 01 15 81 25 7f 75 08 95 01 81 06 15 00 25 ff 81 02 17 00 00 00 80 27 ff ff ff 7f 81 02 c0",
			"collection 01:02\ninput 0: bit 0, 1 x 8, -127..127\ninput 0: bit 8, 1 x 8, 0..255\ninput 0: bit 16, 1 x 8, -2147483648..2147483647\n",
		},
		{
			"long items and reserved ones are stepped over",
			"fe 02 f0 aa bb 05 8c 09 02 a1 01 75 08 95 01 f4 01 fc 3c 09 fe 81 02 c0 00",
			"collection 8c:02\ninput 0: bit 0, 1 x 8, 0..0, 8c:fe\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := descriptor.Parse(unhex(t, tc.bytes))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, describe(d)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestElementsAndSizesAreCountedFromTheReportsStart(t *testing.T) {
	d, err := descriptor.Parse(unhex(t, `05 8c 09 02 a1 01 85 02 09 12 a1 02 75 08 95 04 09 fb 19 fc 29 fd 81 02 75 01 95 03 09 ff 91 02 c0 c0`))
	if err != nil {
		t.Fatal(err)
	}
	f := d.Collections[0].Fields[0]
	got := []string{f.Usage(0).String(), f.Usage(1).String(), f.Usage(2).String(), f.Usage(3).String()}
	if diff := cmp.Diff([]string{"8c:fb", "8c:fc", "8c:fd", "8c:fd"}, got); diff != "" {
		t.Errorf("usages (-want +got)\n%s", diff)
	}
	if f.Bit(3) != 24 || !f.In(descriptor.NewUsage(0x8c, 0x12)) || f.In(descriptor.NewUsage(0x8c, 0x11)) {
		t.Errorf("element 3 at bit %d, within %v", f.Bit(3), f.Within)
	}
	for _, tc := range []struct {
		kind descriptor.Kind
		id   uint8
		want int
	}{{descriptor.Input, 2, 5}, {descriptor.Output, 2, 2}, {descriptor.Feature, 2, 0}, {descriptor.Input, 1, 0}} {
		if got := d.Size(tc.kind, tc.id); got != tc.want {
			t.Errorf("%s report %d has %d bytes, want %d", tc.kind, tc.id, got, tc.want)
		}
	}
	if !d.Has(0x8c) || d.Has(1) || !d.HasUsage(descriptor.NewUsage(0x8c, 2)) || d.HasUsage(descriptor.NewUsage(0x8c, 1)) || !d.Numbered {
		t.Error("the collections are not those of the descriptor")
	}
	if (descriptor.Field{}).Usage(0) != 0 {
		t.Error("a field without a usage has one")
	}
}

func TestWhatCannotBeMeantIsNamedWithItsByte(t *testing.T) {
	open := "05 8c 09 02 a1 01 "
	for _, tc := range []struct {
		name, bytes string
		offset      int
		what        string
	}{
		{"nothing", "", 0, "empty"},
		{"too much", strings.Repeat("00 ", descriptor.MaxSize+1), descriptor.MaxSize, "longer than"},
		{"cut off inside an item", open + "26 ff", 6, "cut off"},
		{"cut off inside a long item", open + "fe 04 00 01", 6, "long item"},
		{"a collection that stays open", open + "a1 02 c0", 9, "1 collections are not closed"},
		{"an end without a beginning", open + "c0 c0", 7, "did not begin"},
		{"no collection", "05 8c 09 02", 4, "no collection"},
		{"a field outside", "05 8c 75 08 95 01 81 02 " + open + "c0", 6, "outside"},
		{"report id 0", open + "85 00 c0", 6, "no report id"},
		{"a report id of two bytes", open + "86 00 01 c0", 6, "no report id"},
		{"a usage page of four bytes", open + "07 00 00 01 00 c0", 6, "16 bits"},
		{"elements of 257 bits", open + "76 01 01 c0", 6, "257 bits"},
		{"a report that never ends", open + "75 ff 96 ff ff 81 02 c0", 11, "longer than"},
		{"more elements than any report has", open + "97 ff ff ff 7f c0", 6, "do not fit"},
		{"a pop without a push", open + "b4 c0", 6, "nothing was pushed"},
		{"pushes without end", open + strings.Repeat("a4 ", 17) + "c0", 22, "pushed"},
		{"a range that goes down", open + "19 05 29 04 c0", 8, "no range"},
		{"a range over two pages", open + "19 05 2b 09 00 01 00 c0", 8, "no range"},
		{"delimiters that do not pair", open + "a9 01 a9 01 c0", 8, "pairs"},
		{"collections inside each other", open + strings.Repeat("a1 00 ", 33) + strings.Repeat("c0 ", 34), 68, "inside each other"},
		{"usages without end", open + strings.Repeat("09 01 ", 513) + "c0", 6 + 1024, "512 usages"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := descriptor.Parse(unhex(t, tc.bytes))
			e, ok := errors.AsType[*descriptor.Error](err)
			if !ok || e.Offset != tc.offset || !strings.Contains(e.Error(), tc.what) {
				t.Errorf("%v, want byte %d: %s", err, tc.offset, tc.what)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x85, 0x02, 0x75, 0x08, 0x95, 0x38, 0x09, 0xfe, 0x82, 0x02, 0x01, 0xc0})
	f.Add([]byte{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xa4, 0xb4, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0})
	f.Add([]byte{0xfe, 0x01, 0x00, 0x00, 0xa9, 0x01, 0x0b, 0x02, 0x00, 0x8c, 0x00, 0xa1, 0x01, 0xc0})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := descriptor.Parse(b)
		if err != nil {
			e, ok := errors.AsType[*descriptor.Error](err)
			if !ok || e.Offset < 0 || e.Offset > len(b) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if len(d.Collections) == 0 {
			t.Fatal("no error and no collection")
		}
		// Fields of one report stand one after the other and end with it.
		type key struct {
			kind descriptor.Kind
			id   uint8
		}
		ends := map[key]int{}
		for _, c := range d.Collections {
			for _, fd := range c.Fields {
				k := key{fd.Kind, fd.Report}
				if fd.Offset != ends[k] || fd.Size < 0 || fd.Count < 0 || len(fd.Within) == 0 {
					t.Fatalf("%+v begins at %d, not at %d", fd, fd.Offset, ends[k])
				}
				ends[k] = fd.Bit(fd.Count)
				fd.Usage(fd.Count)
			}
		}
		for k, bits := range ends {
			size := (bits + 7) / 8
			if d.Numbered {
				size++
			}
			if got := d.Size(k.kind, k.id); got != size || size > descriptor.MaxReport+1 {
				t.Fatalf("report %v has %d bytes, its fields %d", k, got, size)
			}
		}
	})
}
