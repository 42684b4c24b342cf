package gadget

import (
	"encoding/binary"
	"testing"
)

// A count or a length that is wrong is refused by the kernel, with no reason given.
func TestTheSilentDevicesDescriptorsAreCountedRight(t *testing.T) {
	b := functionDescriptors()
	if n := binary.LittleEndian.Uint32(b[4:]); int(n) != len(b) {
		t.Errorf("the length says %d of %d bytes", n, len(b))
	}
	count := 0
	for rest := b[20:]; len(rest) > 0; count++ {
		if rest[0] == 0 || int(rest[0]) > len(rest) {
			t.Fatalf("descriptor %d says that it has %d of %d bytes", count, rest[0], len(rest))
		}
		rest = rest[rest[0]:]
	}
	if want := binary.LittleEndian.Uint32(b[12:]) + binary.LittleEndian.Uint32(b[16:]); count != int(want) {
		t.Errorf("%d descriptors, %d are announced", count, want)
	}
	if s := noStrings(); len(s) != 16 || s[0] != 2 || s[4] != 16 {
		t.Errorf("strings % x", s)
	}
}
