package acl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"posagent/internal/acl"
)

func TestTheSIDOfAServiceFollowsFromItsName(t *testing.T) {
	// The first is in every Windows; it is the owner of the system's files.
	for name, want := range map[string]string{
		"TrustedInstaller": "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
		"trustedinstaller": "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
		"ALG":              "S-1-5-80-2387347252-3645287876-2469496166-3824418187-3586569773",
	} {
		if got := acl.ServiceSID(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

const alice = "S-1-5-21-1-2-3-1001"

func TestAListIsJudgedByWhomItLetsIn(t *testing.T) {
	service := acl.ServiceSID(acl.Service)
	trusted := []string{acl.System, acl.Administrators, service}
	for _, row := range []struct {
		name, sddl string
		rights     uint32
		want       []string
	}{
		{"closed", "O:BAG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;" + service + ")", acl.Reading | acl.Changing, nil},
		{"every user reads by inheritance, as in ProgramData", "O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)", acl.Reading, []string{acl.Users}},
		{"who only reads changes nothing", "O:BAD:(A;;0x1200a9;;;BU)", acl.Changing, nil},
		{"the owner is another user", "O:" + alice + "D:(A;;FA;;;SY)", acl.Reading, []string{alice}},
		{"no list at all", "O:BA", acl.Reading, []string{acl.Everyone}},
		{"the list that lets everybody in", "O:BAD:NO_ACCESS_CONTROL", acl.Reading, []string{acl.Everyone}},
		{"an empty list lets nobody in", "O:BAD:", acl.Reading, nil},
		{"a denial does not undo what is granted", "O:BAD:(D;;GA;;;WD)(A;;GR;;;WD)", acl.Reading, []string{acl.Everyone}},
		{"a denial grants nothing", "O:BAD:(D;;GA;;;WD)", acl.Reading, nil},
		{"what heirs get does not count here", "O:BAD:(A;OICIIO;GA;;;WD)", acl.Reading, nil},
		{"what heirs get too does", "O:BAD:(A;OICI;GA;;;AU)", acl.Reading, []string{"S-1-5-11"}},
		{"generic rights are spelled out", "O:BAD:(A;;GW;;;IU)", acl.Changing, []string{acl.Interactive}},
		{"rights by letters", "O:BAD:(A;;CCLCSWRPWPDTLOCRSDRCWDWO;;;IU)", acl.Reading, []string{acl.Interactive}},
		{"the right to write the list is the right to all", "O:BAD:(A;;WD;;;IU)", acl.Changing, []string{acl.Interactive}},
		{"synchronising is nothing", "O:BAD:(A;;0x100000;;;WD)", acl.Reading | acl.Changing, nil},
		{"a condition is taken as fulfilled", `O:BAD:(XA;;FR;;;WD;(Member_of {SID(BA)}))`, acl.Reading, []string{acl.Everyone}},
		{"the owner's own rights are those of the owner", "O:BAD:(A;;FA;;;OW)", acl.Reading, nil},
		{"an audit list is no access list", "O:BAD:(A;;FA;;;SY)S:(AU;SAFA;FA;;;WD)", acl.Reading, nil},
		{"each is named once", "O:WDD:(A;;FR;;;WD)(A;;FW;;;WD)", acl.Reading | acl.Changing, []string{acl.Everyone}},
	} {
		t.Run(row.name, func(t *testing.T) {
			d, err := acl.Parse(row.sddl)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Others(row.rights, trusted...); !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestWhatIsNoDescriptorIsRefused(t *testing.T) {
	for _, sddl := range []string{"x", "O", "(A;;FA;;;SY)", "D:(A;;FA;;;SY", "D:(A;;FA)", "D:(A;;ZZ;;;SY)", "D:(A;;FAX;;;SY)", "D:(A;;0xG;;;SY)", "D:(A;;0x1ffffffff;;;SY)"} {
		if d, err := acl.Parse(sddl); !errors.Is(err, acl.ErrSyntax) {
			t.Errorf("%q: %+v %v", sddl, d, err)
		}
	}
}

// granted is what a list of our own gives to somebody.
func granted(t *testing.T, sddl, sid string) uint32 {
	t.Helper()
	d, err := acl.Parse(sddl)
	if err != nil {
		t.Fatal(err)
	}
	var sum uint32
	for _, e := range d.Entries {
		if e.Allow && e.SID == sid {
			sum |= e.Rights
		}
	}
	return sum
}

func TestOurListsGiveEachOneWhatItNeedsAndNoMore(t *testing.T) {
	const full = 0x1f01ff
	service := acl.ServiceSID(acl.Service)
	for _, row := range []struct {
		name, sddl string
		want       map[string]uint32
	}{
		{"a pipe", acl.Pipe(acl.Interactive), map[string]uint32{service: full, acl.Interactive: 0x12019b, acl.Users: 0, acl.Everyone: 0}},
		{"a pipe of a group", acl.Pipe(alice), map[string]uint32{alice: 0x12019b, acl.Interactive: 0}},
		{"the administrators' pipe", acl.AdminPipe(), map[string]uint32{service: full, acl.Interactive: 0, acl.Users: 0}},
		{"the configuration", acl.ConfigDir(), map[string]uint32{service: 0x1200a9, acl.Users: 0x1200a9}},
		{"the keys", acl.KeyDir(), map[string]uint32{service: 0x1200a9, acl.Users: 0}},
		{"journal and logs", acl.WorkDir(), map[string]uint32{service: 0x1301bf, acl.Users: 0}},
		{"a key", acl.KeyFile(alice), map[string]uint32{service: 0x120089, alice: full, acl.Users: 0}},
		{"a key made by an administrator", acl.KeyFile(acl.Administrators), map[string]uint32{alice: 0}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.want[acl.System], row.want[acl.Administrators] = full, full
			for sid, want := range row.want {
				if got := granted(t, row.sddl, sid); got != want {
					t.Errorf("%s has %#x, want %#x", acl.Name(sid), got, want)
				}
			}
			if !strings.Contains(row.sddl, "D:P") {
				t.Error("what the directory above hands down counts too")
			}
		})
	}
}

func TestNoClientOfAPipeCanMakeAnotherInstanceOfIt(t *testing.T) {
	d, err := acl.Parse(acl.Pipe(acl.Interactive, alice))
	if err != nil {
		t.Fatal(err)
	}
	got := d.Others(acl.Append|acl.WriteDAC|acl.WriteOwner|acl.Delete, acl.System, acl.Administrators, acl.ServiceSID(acl.Service))
	if len(got) != 0 {
		t.Errorf("%s could answer in the daemon's place", acl.Names(got))
	}
}

func TestOnlyAdministratorsChangeTheConfiguration(t *testing.T) {
	d, err := acl.Parse(acl.ConfigDir())
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Others(acl.Changing, acl.System, acl.Administrators); len(got) != 0 {
		t.Errorf("%s may change it", acl.Names(got))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"O:BAG:SYD:PAI(A;;FA;;;SY)(XA;;FR;;;WD;(a(b)))S:(AU;SAFA;FA;;;WD)", "D:NO_ACCESS_CONTROL", acl.ConfigDir()} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sddl string) {
		d, err := acl.Parse(sddl)
		if err != nil {
			return
		}
		// Whoever may read or change is among those who may do either.
		both := d.Others(acl.Reading | acl.Changing)
		for _, sid := range append(d.Others(acl.Reading), d.Others(acl.Changing)...) {
			if !slices.Contains(both, sid) {
				t.Fatalf("%q: %s is missing in %v", sddl, sid, both)
			}
		}
	})
}

func TestAnObjectOfAStrangerIsNamed(t *testing.T) {
	for sddl, want := range map[string]string{
		"O:BAD:":             "",
		"O:" + alice + "D:":  alice,
		"D:(A;;FA;;;SY)":     "nobody knows",
		"O:WDD:(A;;FA;;;SY)": "Everyone",
	} {
		d, err := acl.Parse(sddl)
		if err != nil {
			t.Fatal(err)
		}
		err = d.OwnedBy(acl.System, acl.Administrators)
		if (err == nil) != (want == "") || err != nil && (!errors.Is(err, acl.ErrOwner) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", sddl, err, want)
		}
	}
}
