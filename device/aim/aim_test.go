package aim

import "testing"

func TestParseTakesTheIdentifierOffTheLabel(t *testing.T) {
	for _, tc := range []struct {
		name, label, id, rest string
		ok                    bool
		symbology             Symbology
	}{
		{"plain Code 128", "]C0281234567890123456", "]C0", "281234567890123456", true, Code128},
		{"GS1-128", "]C100106141411234567897", "]C1", "00106141411234567897", true, GS1128},
		{"Code 128 with FNC1 second is not GS1", "]C2A1", "]C2", "A1", true, Code128},
		{"QR", "]Q1281234567890123456", "]Q1", "281234567890123456", true, QR},
		{"GS1 QR", "]Q30104006381333931", "]Q3", "0104006381333931", true, GS1QR},
		{"GS1 QR with ECI", "]Q40104006381333931", "]Q4", "0104006381333931", true, GS1QR},
		{"EAN-13", "]E04006381333931", "]E0", "4006381333931", true, EAN13},
		{"UPC-A in twelve digits", "]E0036000291452", "]E0", "036000291452", true, UPCA},
		{"UPC-E in eight digits", "]E004252614", "]E0", "04252614", true, UPCE},
		{"EAN-13 with add-on", "]E3281234567890512345", "]E3", "281234567890512345", true, EAN13},
		{"two-digit add-on alone", "]E112", "]E1", "12", true, EANAddOn},
		{"EAN-8", "]E473513537", "]E4", "73513537", true, EAN8},
		{"DataMatrix", "]d1ABC", "]d1", "ABC", true, DataMatrix},
		{"GS1 DataMatrix", "]d20104006381333931", "]d2", "0104006381333931", true, GS1DataMatrix},
		{"GS1 DataBar", "]e00104006381333931", "]e0", "0104006381333931", true, DataBar},
		{"Code 39", "]A0ABC", "]A0", "ABC", true, Code39},
		{"interleaved 2 of 5", "]I014006381333936", "]I0", "14006381333936", true, ITF},
		{"PDF417", "]L0ABC", "]L0", "ABC", true, PDF417},
		{"Aztec with a letter as modifier", "]zAABC", "]zA", "ABC", true, Aztec},
		{"identifier and nothing else", "]C0", "]C0", "", true, Code128},
		{"a letter that the standard has not given away", "]y0ABC", "]y0", "ABC", true, Unknown},
		{"no identifier", "281234567890123456", "", "281234567890123456", false, Unknown},
		{"a bracket that starts the data", "](x", "", "](x", false, Unknown},
		{"modifier that is neither letter nor digit", "]C-1", "", "]C-1", false, Unknown},
		{"cut off after two bytes", "]C", "", "]C", false, Unknown},
		{"empty", "", "", "", false, Unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id, rest, ok := Parse(tc.label)
			if ok != tc.ok || rest != tc.rest || id.String() != tc.id {
				t.Fatalf("Parse(%q) = %q, %q, %v; want %q, %q, %v", tc.label, id, rest, ok, tc.id, tc.rest, tc.ok)
			}
			if got := id.Symbology(len(rest)); got != tc.symbology {
				t.Errorf("symbology %q, want %q", got, tc.symbology)
			}
			if id.IsZero() == ok {
				t.Errorf("IsZero() = %v with ok = %v", id.IsZero(), ok)
			}
			if known := tc.symbology != Unknown; id.Known() != known {
				t.Errorf("Known() = %v, want %v", id.Known(), known)
			}
		})
	}
}

func TestOnlyArticlesCarryRetailSymbologies(t *testing.T) {
	retail := map[Symbology]bool{EAN13: true, EAN8: true, EANAddOn: true, UPCA: true, UPCE: true, DataBar: true}
	for _, s := range []Symbology{Unknown, QR, GS1QR, Code128, GS1128, EAN13, EAN8, EANAddOn, UPCA, UPCE, DataMatrix, GS1DataMatrix, DataBar, ITF, Code39} {
		if s.Retail() != retail[s] {
			t.Errorf("%s.Retail() = %v", s, s.Retail())
		}
	}
}

func TestEveryLetterOfTheStandardHasItsSymbology(t *testing.T) {
	want := map[byte]Symbology{
		'A': Code39, 'B': Telepen, 'C': Code128, 'D': CodeOne, 'E': EAN13, 'F': Codabar, 'G': Code93,
		'H': Code11, 'I': ITF, 'K': Code16K, 'L': PDF417, 'M': MSI, 'N': Anker, 'O': Codablock,
		'P': Plessey, 'Q': QR, 'R': TwoOfFive, 'S': TwoOfFive, 'T': Code49, 'U': MaxiCode, 'X': Other,
		'Z': Other, 'd': DataMatrix, 'e': DataBar, 'h': HanXin, 'z': Aztec,
	}
	for c := range 256 {
		id := ID{Code: byte(c), Modifier: '0'}
		s, ok := want[byte(c)]
		if !ok {
			s = Unknown
		}
		if got := id.Symbology(13); got != s || id.Known() != ok {
			t.Errorf("%q: %s, known %v; want %s", id, got, id.Known(), s)
		}
	}
}
