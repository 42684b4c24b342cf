package hid

import "testing"

// With the real library, on machines with and without USB and cgo.
func TestTheLibraryRefusesWhatIsNotThere(t *testing.T) {
	lib := karalabe{}
	if h, err := lib.open("99-9:1.0"); err == nil {
		t.Errorf("opened %v", h)
	}
	if all, err := lib.list(0xdead, 0xbeef); err != nil || len(all) > 0 {
		t.Errorf("listed %v, %v", all, err)
	}
}
