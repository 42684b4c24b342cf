package access_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net/url"
	"testing"

	"posagent/internal/admin/access"
)

func cert() *x509.Certificate {
	id, _ := url.Parse("spiffe://sunrise.example/till-ops")
	return &x509.Certificate{
		Subject: pkix.Name{
			CommonName: "jump-1", Organization: []string{"Sunrise Mart"}, OrganizationalUnit: []string{"Store IT", "till-ops"},
		},
		DNSNames: []string{"jump-1.sunrise.example"}, URIs: []*url.URL{id}, EmailAddresses: []string{"ops@sunrise.example"},
	}
}

func TestACertificateHasARoleByEveryAttributeOfOneRule(t *testing.T) {
	for _, row := range []struct {
		rules string
		want  bool
	}{
		{"CN=jump-1", true},
		{"CN=jump-2", false},
		{"CN=JUMP-1", false}, // subjects are compared letter for letter
		{"CN=jump", false},   // and whole
		{"OU=till-ops", true},
		{"OU=Store IT", true},
		{"O=Sunrise Mart", true},
		{"DNS=JUMP-1.sunrise.example", true}, // names of the DNS have no case
		{"DNS=sunrise.example", false},
		{"URI=spiffe://sunrise.example/till-ops", true},
		{"URI=spiffe://sunrise.example/", false},
		{"EMAIL=ops@sunrise.example", true},
		{"OU=till-ops,O=Sunrise Mart", true},
		{"OU=till-ops,O=Moonset Mart", false},
		{" OU = nobody ; CN=jump-1 ;", true},
		{"", false},
		{";", false},
	} {
		r, err := access.NewRules("", row.rules, "")
		if err != nil {
			t.Errorf("%q: %v", row.rules, err)
			continue
		}
		if got := r.Of(cert()).Has(access.Operate); got != row.want {
			t.Errorf("%q admits: %v, want %v", row.rules, got, row.want)
		}
	}
}

func TestRolesDoNotContainEachOtherButForReading(t *testing.T) {
	for _, row := range []struct {
		read, operate, money string
		want                 map[access.Role]bool
		text                 string
	}{
		{"CN=jump-1", "", "", map[access.Role]bool{access.Read: true}, "read"},
		{"", "CN=jump-1", "", map[access.Role]bool{access.Read: true, access.Operate: true}, "operate"},
		{"", "", "CN=jump-1", map[access.Role]bool{access.Read: true, access.Money: true}, "money"},
		{"", "CN=jump-1", "CN=jump-1", map[access.Role]bool{access.Read: true, access.Operate: true, access.Money: true}, "operate+money"},
		{"CN=x", "CN=x", "CN=x", nil, ""},
		{"", "", "", nil, ""},
	} {
		r, err := access.NewRules(row.read, row.operate, row.money)
		if err != nil {
			t.Fatal(err)
		}
		got := r.Of(cert())
		for _, role := range access.All() {
			if got.Has(role) != row.want[role] {
				t.Errorf("%+v: %s is %v", row, role, got.Has(role))
			}
		}
		if got.String() != row.text {
			t.Errorf("%+v: prints %q", row, got)
		}
	}
	if r, _ := access.NewRules("", "", " ; "); !r.Empty() {
		t.Error("a rule out of nothing")
	}
}

func TestARuleThatIsNoneIsRefused(t *testing.T) {
	for _, text := range []string{"jump-1", "CN", "CN=", "cn=jump-1", "SERIAL=1", "CN=a,,O=b", "=x"} {
		if _, err := access.Parse(text); err == nil {
			t.Errorf("%q passed", text)
		}
	}
}
