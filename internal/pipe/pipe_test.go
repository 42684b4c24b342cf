package pipe

import "testing"

func TestAnAddressOfAPipeIsToldFromAPath(t *testing.T) {
	for address, want := range map[string]bool{
		`\\.\pipe\posagent`: true, `\\.\PIPE\posagent`: true,
		`\\.\pipe\`: false, `\\server\pipe\posagent`: false, `C:\posagent.sock`: false, "/run/posagent.sock": false, "": false,
	} {
		if got := Is(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if got := ForAdmin(`\\.\pipe\posagent`); got != `\\.\pipe\posagent-admin` {
		t.Error(got)
	}
}
