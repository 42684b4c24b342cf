package acl

import (
	"crypto/sha1" //nolint:gosec // the system's own rule for names of services, no protection
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

// SIDs that are the same on every machine.
const (
	System         = "S-1-5-18"
	Administrators = "S-1-5-32-544"
	Users          = "S-1-5-32-545"
	Everyone       = "S-1-1-0"
	Interactive    = "S-1-5-4" // whoever is logged on at the machine, also by remote desktop
	Network        = "S-1-5-2" // whoever comes from another machine
)

// Service is the name of the Windows service and, with it, of its account.
const Service = "posagent"

// ServiceAccount is the virtual account that the service runs as: the system makes
// it, nobody knows a password for it, and it may do less than a user.
const ServiceAccount = `NT SERVICE\` + Service

// ServiceSID is the SID of the account NT SERVICE\name: S-1-5-80 and the SHA-1 of
// the name in upper case and UTF-16LE, as five numbers. "sc.exe showsid" gives the
// same. Computed and not looked up, as it must be known before the service exists.
func ServiceSID(name string) string {
	units := utf16.Encode([]rune(strings.ToUpper(name)))
	raw := make([]byte, 0, 2*len(units))
	for _, u := range units {
		raw = binary.LittleEndian.AppendUint16(raw, u)
	}
	sum := sha1.Sum(raw) //nolint:gosec // as above
	sid := "S-1-5-80"
	for i := 0; i < len(sum); i += 4 {
		sid += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(sum[i:]))
	}
	return sid
}

// alias gives the SID that a two-letter name of SDDL stands for, where it is the
// same on every machine. The others stay as they are: they name accounts of one
// machine or domain.
func alias(name string) string {
	switch name {
	case "AN":
		return "S-1-5-7"
	case "AO":
		return "S-1-5-32-548"
	case "AU":
		return "S-1-5-11"
	case "BA":
		return Administrators
	case "BG":
		return "S-1-5-32-546"
	case "BO":
		return "S-1-5-32-551"
	case "BU":
		return Users
	case "CG":
		return "S-1-3-1"
	case "CO":
		return "S-1-3-0"
	case "IU":
		return Interactive
	case "LS":
		return "S-1-5-19"
	case "NS":
		return "S-1-5-20"
	case "NU":
		return Network
	case "OW":
		return "S-1-3-4"
	case "PU":
		return "S-1-5-32-547"
	case "SU":
		return "S-1-5-6"
	case "SY":
		return System
	case "WD":
		return Everyone
	}
	return name
}

// Name is what a person calls a SID, where it is one that everybody knows.
func Name(sid string) string {
	switch sid {
	case System:
		return "SYSTEM"
	case Administrators:
		return "Administrators"
	case Users:
		return "Users"
	case Everyone:
		return "Everyone"
	case Interactive:
		return "everybody who is logged on"
	case "S-1-5-11":
		return "Authenticated Users"
	case ServiceSID(Service):
		return ServiceAccount
	}
	return sid
}
