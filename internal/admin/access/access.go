// Package access says who may do what on the admin listener: roles, and the
// certificates that have them.
package access

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// Role is a right. The words are part of the configuration and of the audit trail.
type Role string

// The roles. None contains another, but who may operate or decide about money may
// read as well.
const (
	Read    Role = "read"    // health, metrics, state, lists
	Operate Role = "operate" // drain, resume, reload, log level, verify, backup, support bundle
	Money   Role = "money"   // say how a sale in doubt ended
)

// All lists the roles.
func All() []Role { return []Role{Read, Operate, Money} }

// Roles are the roles of one caller.
type Roles []Role

// Has tells whether the caller may do what needs the role.
func (r Roles) Has(role Role) bool {
	return slices.Contains(r, role) || role == Read && len(r) > 0
}

// String lists them, for logs and the trail.
func (r Roles) String() string {
	words := make([]string, len(r))
	for i, role := range r {
		words[i] = string(role)
	}
	return strings.Join(words, "+")
}

// attribute is one part of a certificate by which it is recognised.
type attribute struct{ kind, value string }

// kinds are the attributes that a rule may name.
const kinds = "CN, OU, O, DNS, URI, EMAIL"

// Subject is a rule for certificates: all its attributes must be there.
type Subject []attribute

// Parse reads rules such as "OU=till-ops,O=Sunrise Mart; CN=jump-host-1": a
// certificate matches if it has every attribute of one of them, letter for
// letter. CN, OU and O are of the subject; DNS, URI and EMAIL of the subject's
// alternative names. An empty text is no rule and matches nothing.
func Parse(text string) ([]Subject, error) {
	var out []Subject
	for rule := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(rule) == "" {
			continue
		}
		var s Subject
		for part := range strings.SplitSeq(rule, ",") {
			kind, value, ok := strings.Cut(part, "=")
			kind, value = strings.TrimSpace(kind), strings.TrimSpace(value)
			if !ok || value == "" || !slices.Contains(strings.Split(kinds, ", "), kind) {
				return nil, fmt.Errorf("%q is no attribute of a certificate: write KIND=VALUE with one of %s; "+
					"\",\" joins attributes that must all be there, \";\" separates rules", strings.TrimSpace(part), kinds)
			}
			s = append(s, attribute{kind, value})
		}
		out = append(out, s)
	}
	return out, nil
}

func (s Subject) matches(c *x509.Certificate) bool {
	return !slices.ContainsFunc(s, func(a attribute) bool { return !a.in(c) })
}

func (a attribute) in(c *x509.Certificate) bool {
	switch a.kind {
	case "CN":
		return c.Subject.CommonName == a.value
	case "OU":
		return slices.Contains(c.Subject.OrganizationalUnit, a.value)
	case "O":
		return slices.Contains(c.Subject.Organization, a.value)
	case "DNS":
		return slices.ContainsFunc(c.DNSNames, func(n string) bool { return strings.EqualFold(n, a.value) })
	case "EMAIL":
		return slices.ContainsFunc(c.EmailAddresses, func(n string) bool { return strings.EqualFold(n, a.value) })
	case "URI":
		for _, u := range c.URIs {
			if u.String() == a.value {
				return true
			}
		}
	}
	return false
}

// Rules say which certificates have which roles. The zero value admits nobody.
type Rules struct{ read, operate, money []Subject }

// NewRules reads the rules of each role.
func NewRules(read, operate, money string) (r Rules, err error) {
	for _, row := range []struct {
		role Role
		text string
		into *[]Subject
	}{{Read, read, &r.read}, {Operate, operate, &r.operate}, {Money, money, &r.money}} {
		if *row.into, err = Parse(row.text); err != nil {
			return Rules{}, fmt.Errorf("role %s: %w", row.role, err)
		}
	}
	return r, nil
}

// Empty tells whether nobody has a role.
func (r Rules) Empty() bool { return len(r.read)+len(r.operate)+len(r.money) == 0 }

// Of lists the roles of a certificate, whose chain was verified before.
func (r Rules) Of(c *x509.Certificate) Roles {
	var out Roles
	has := func(role Role, rules []Subject) {
		if slices.ContainsFunc(rules, func(s Subject) bool { return s.matches(c) }) {
			out = append(out, role)
		}
	}
	has(Read, r.read)
	has(Operate, r.operate)
	has(Money, r.money)
	return out
}
