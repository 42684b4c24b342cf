package acl

import (
	"fmt"
	"slices"

	"golang.org/x/sys/windows"
)

const asked = windows.OWNER_SECURITY_INFORMATION | windows.DACL_SECURITY_INFORMATION

// OfFile reads the descriptor of a file or directory.
func OfFile(path string) (Descriptor, error) {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, asked)
	if err != nil {
		return Descriptor{}, fmt.Errorf("reading the access list of %s: %w", path, err)
	}
	return Parse(sd.String())
}

// OfHandle reads the descriptor of an open file or pipe.
func OfHandle(handle uintptr) (Descriptor, error) {
	sd, err := windows.GetSecurityInfo(windows.Handle(handle), windows.SE_KERNEL_OBJECT, asked)
	if err != nil {
		return Descriptor{}, fmt.Errorf("reading an access list: %w", err)
	}
	return Parse(sd.String())
}

// Me is the user of this process, in the form that Parse gives.
func Me() (string, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", fmt.Errorf("asking who this user is: %w", err)
	}
	return canonical(user.User.Sid)
}

// Maker is whom the things that this process makes should belong to: the
// administrators where an administrator's rights are in force, otherwise its user.
// That is Windows' own rule, too.
func Maker() (string, error) {
	admins, err := windows.CreateWellKnownSid(windows.WinBuiltinAdministratorsSid)
	if err != nil {
		return "", fmt.Errorf("naming the administrators: %w", err)
	}
	if is, err := windows.Token(0).IsMember(admins); err == nil && is {
		return Administrators, nil
	}
	return Me()
}

// canonical writes a SID as the system itself does in SDDL: some accounts have names
// of two letters there.
func canonical(sid *windows.SID) (string, error) {
	sd, err := windows.SecurityDescriptorFromString("O:" + sid.String())
	if err != nil {
		return "", fmt.Errorf("naming %s: %w", sid, err)
	}
	d, err := Parse(sd.String())
	return d.Owner, err
}

// Trusted lists who may see the till's secrets: the system, its administrators, the
// service, and the user of this process, who reads them right now.
func Trusted() ([]string, error) {
	me, err := Me()
	if err != nil {
		return nil, err
	}
	return slices.Compact([]string{System, Administrators, ServiceSID(Service), me}), nil
}

// Apply gives a file or directory the list, and the owner where the text names one.
// What is below a directory inherits it.
func Apply(path, sddl string) error {
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return fmt.Errorf("access list %q: %w", sddl, err)
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return fmt.Errorf("access list %q: %w", sddl, err)
	}
	what := windows.SECURITY_INFORMATION(windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION)
	owner, _, err := sd.Owner()
	if err == nil && owner != nil {
		what |= windows.OWNER_SECURITY_INFORMATION
	}
	if err := windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, what, owner, nil, dacl, nil); err != nil {
		return fmt.Errorf("setting the access list of %s: %w", path, err)
	}
	return nil
}

// Group finds the SID of a group by its name, such as "Cashiers" or
// `SHOP\Cashiers`. What is a SID already is only checked.
func Group(name string) (string, error) {
	if sid, err := windows.StringToSid(name); err == nil {
		return sid.String(), nil
	}
	sid, _, kind, err := windows.LookupSID("", name)
	switch {
	case err != nil:
		return "", fmt.Errorf("looking up the group %q: %w", name, err)
	case kind != windows.SidTypeGroup && kind != windows.SidTypeAlias && kind != windows.SidTypeWellKnownGroup:
		return "", fmt.Errorf("%q is no group", name)
	}
	return sid.String(), nil
}
