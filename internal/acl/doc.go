// Package acl judges and writes Windows access lists in their text form, the
// Security Descriptor Definition Language (SDDL, [MS-DTYP] section 2.5.1).
//
// Windows itself turns a file's list into that text and back, so that everything
// here that decides anything is text work, the same on every system; what asks
// Windows is in the files for it.
//
// The judgement is strict: a right that is granted counts even if another entry
// denies it, and a list that is missing grants everything to everybody.
package acl
