package aim

// Symbology names a kind of barcode. The names are stable: they stand in
// events and in what `posagent scanner listen` prints.
type Symbology string

// The symbologies of ISO/IEC 15424 that a shop's scanner meets. The GS1 ones
// are the same symbols with FNC1 in first place, which promises GS1 data.
const (
	Unknown       Symbology = "unknown"
	QR            Symbology = "qr"
	GS1QR         Symbology = "gs1-qr"
	Code128       Symbology = "code128"
	GS1128        Symbology = "gs1-128"
	EAN13         Symbology = "ean-13"
	EAN8          Symbology = "ean-8"
	EANAddOn      Symbology = "ean-add-on"
	UPCA          Symbology = "upc-a"
	UPCE          Symbology = "upc-e"
	DataMatrix    Symbology = "datamatrix"
	GS1DataMatrix Symbology = "gs1-datamatrix"
	DataBar       Symbology = "databar"
	Code39        Symbology = "code39"
	Code93        Symbology = "code93"
	Code11        Symbology = "code11"
	Codabar       Symbology = "codabar"
	ITF           Symbology = "itf"
	TwoOfFive     Symbology = "2of5"
	MSI           Symbology = "msi"
	Telepen       Symbology = "telepen"
	PDF417        Symbology = "pdf417"
	Aztec         Symbology = "aztec"
	MaxiCode      Symbology = "maxicode"
	HanXin        Symbology = "han-xin"
	Code16K       Symbology = "code16k"
	Code49        Symbology = "code49"
	Codablock     Symbology = "codablock"
	Plessey       Symbology = "plessey"
	Anker         Symbology = "anker"
	CodeOne       Symbology = "code-one"
	// Other is AIM's own "other": OCR, keys typed on the scanner, and so on.
	Other Symbology = "other"
)

// Symbology names the symbology of a label of length bytes (without the
// identifier). The length matters for ]E0 alone: the standard has one modifier
// for EAN-13, UPC-A and UPC-E, which is 13 digits when the scanner expands it
// and 12 or 6 to 8 when it does not.
func (id ID) Symbology(length int) Symbology {
	switch id.Code {
	case 'C':
		if id.Modifier == '1' {
			return GS1128
		}
	case 'Q':
		// 3: FNC1 first; 4: the same with ECI.
		if id.Modifier == '3' || id.Modifier == '4' {
			return GS1QR
		}
	case 'd':
		// 2: ECC 200 with FNC1 first or fifth; 5: the same with ECI.
		if id.Modifier == '2' || id.Modifier == '5' {
			return GS1DataMatrix
		}
	case 'E':
		return ean(id.Modifier, length)
	}
	return plain(id.Code)
}

func ean(modifier byte, length int) Symbology {
	switch modifier {
	case '1', '2':
		return EANAddOn
	case '4':
		return EAN8
	case '0':
		switch {
		case length == 12:
			return UPCA
		case length >= 6 && length <= 8:
			return UPCE
		}
	}
	return EAN13
}

// Retail reports whether only articles carry the symbology, whatever its
// digits look like: EAN, UPC and GS1 DataBar. An EAN-13 with a five-digit
// add-on has 18 digits and may start with 28, as a payment code does.
func (s Symbology) Retail() bool {
	switch s {
	case EAN13, EAN8, EANAddOn, UPCA, UPCE, DataBar:
		return true
	default:
		return false
	}
}

// plain gives the symbology of a code letter; ID.Symbology refines it. It is
// Unknown for a letter that the standard has not given away.
func plain(code byte) Symbology {
	switch code {
	case 'A':
		return Code39
	case 'B':
		return Telepen
	case 'C':
		return Code128
	case 'D':
		return CodeOne
	case 'E':
		return EAN13
	case 'F':
		return Codabar
	case 'G':
		return Code93
	case 'H':
		return Code11
	case 'I':
		return ITF
	case 'K':
		return Code16K
	case 'L':
		return PDF417
	case 'M':
		return MSI
	case 'N':
		return Anker
	case 'O':
		return Codablock
	case 'P':
		return Plessey
	case 'Q':
		return QR
	case 'R', 'S':
		return TwoOfFive
	case 'T':
		return Code49
	case 'U':
		return MaxiCode
	case 'X', 'Z':
		return Other
	case 'd':
		return DataMatrix
	case 'e':
		return DataBar
	case 'h':
		return HanXin
	case 'z':
		return Aztec
	default:
		return Unknown
	}
}
