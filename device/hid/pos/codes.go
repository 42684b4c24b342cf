package pos

import "posagent/device/aim"

// codeID gives the AIM identifier of a maker's code: the letters of Hand Held
// Products, which Honeywell's user guides list as "Honeywell Code ID". It is
// zero for letters of symbologies that no shop has, and for everything that is
// no letter of that list. UPC-A, UPC-E and EAN-13 share ]E0 in the standard.
func codeID(code byte) aim.ID {
	switch code {
	case 'd', 'c', 'E':
		return aim.ID{Code: 'E', Modifier: '0'}
	case 'D':
		return aim.ID{Code: 'E', Modifier: '4'}
	case 'j':
		return aim.ID{Code: 'C', Modifier: '0'}
	case 'I', '|':
		return aim.ID{Code: 'C', Modifier: '1'}
	case 's':
		return aim.ID{Code: 'Q', Modifier: '1'}
	case 'w':
		return aim.ID{Code: 'd', Modifier: '1'}
	case 'r', 'R':
		return aim.ID{Code: 'L', Modifier: '0'}
	case 'z':
		return aim.ID{Code: 'z', Modifier: '0'}
	case 'y', '{', '}':
		return aim.ID{Code: 'e', Modifier: '0'}
	case 'b':
		return aim.ID{Code: 'A', Modifier: '0'}
	case 'i':
		return aim.ID{Code: 'G', Modifier: '0'}
	case 'a':
		return aim.ID{Code: 'F', Modifier: '0'}
	case 'e':
		return aim.ID{Code: 'I', Modifier: '0'}
	case 'f':
		return aim.ID{Code: 'S', Modifier: '0'}
	case 'g':
		return aim.ID{Code: 'M', Modifier: '0'}
	case 'h':
		return aim.ID{Code: 'H', Modifier: '0'}
	case 'l':
		return aim.ID{Code: 'T', Modifier: '0'}
	case 'q', 'V':
		return aim.ID{Code: 'O', Modifier: '0'}
	case 't':
		return aim.ID{Code: 'B', Modifier: '0'}
	case 'x':
		return aim.ID{Code: 'U', Modifier: '0'}
	case 'H':
		return aim.ID{Code: 'h', Modifier: '0'}
	default:
		return aim.ID{}
	}
}
