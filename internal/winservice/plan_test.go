package winservice

import (
	"path/filepath"
	"slices"
	"testing"

	"posagent/internal/acl"
)

func TestACrashLoopIsSlowedDown(t *testing.T) {
	p := NewPlan("posagent.exe", "dir")
	if len(p.Recovery) < 3 || !slices.IsSorted(p.Recovery) || p.Recovery[0] <= 0 || p.Recovery[len(p.Recovery)-1].Minutes() < 5 {
		t.Errorf("%v", p.Recovery)
	}
	if p.ResetAfter <= p.Recovery[len(p.Recovery)-1] {
		t.Error("a loop with the longest delay would begin anew with the shortest")
	}
	if p.PreShutdown <= stopLimit {
		t.Error("Windows shuts down before the daemon has given up")
	}
}

func TestOnlyTheConfigurationIsReadableByUsers(t *testing.T) {
	for _, d := range NewPlan("posagent.exe", "dir").Directories {
		list, err := acl.Parse(d.List)
		if err != nil {
			t.Fatal(err)
		}
		readable := slices.Contains(list.Others(acl.Reading), acl.Users)
		name := filepath.Base(d.Path)
		if want := name == "dir" || name == "posagent.d"; readable != want {
			t.Errorf("%s: readable by all users: %v", name, readable)
		}
		if others := list.Others(acl.Changing, acl.System, acl.Administrators, acl.ServiceSID(Name)); len(others) != 0 {
			t.Errorf("%s can be changed by %v", name, others)
		}
	}
}
