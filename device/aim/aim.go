package aim

// ID is one AIM symbology identifier without its leading "]". The zero value
// means that the scanner sent none.
type ID struct {
	// Code is the symbology's letter, e.g. 'C' for Code 128.
	Code byte
	// Modifier is the digit or letter after it, e.g. '1' for "FNC1 first".
	Modifier byte
}

// Parse takes an identifier off the front of a label. ok is false, and rest is
// the whole label, when the first three bytes do not have the form "]cm" with a
// letter c and a letter or digit m.
//
// Parse accepts letters that the standard has not given away; Known says
// whether the letter stands for a symbology.
func Parse(label string) (id ID, rest string, ok bool) {
	if len(label) < 3 || label[0] != ']' {
		return ID{}, label, false
	}
	id = ID{Code: label[1], Modifier: label[2]}
	if !letter(id.Code) || (!letter(id.Modifier) && !digit(id.Modifier)) {
		return ID{}, label, false
	}
	return id, label[3:], true
}

// IsZero reports whether no identifier was sent.
func (id ID) IsZero() bool { return id == ID{} }

// Known reports whether the standard gives the code letter to a symbology. A
// label that merely starts with "]" is kept whole when its letter is unknown.
func (id ID) Known() bool { return plain(id.Code) != Unknown }

// String is the identifier as the scanner sends it, e.g. "]C1"; empty for none.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	return string([]byte{']', id.Code, id.Modifier})
}

func letter(b byte) bool { return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' }
func digit(b byte) bool  { return b >= '0' && b <= '9' }
