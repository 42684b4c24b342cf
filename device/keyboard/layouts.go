package keyboard

// rows gives a layout's characters, level by level. Sources: the layouts'
// pages in Microsoft's keyboard layout reference (KBDUS, KBDUK, KBDGR, KBDFR,
// KBDSP, KBDIT, KBD106), held against xkeyboard-config's symbol files.
func (l Layout) rows() [levels]rows {
	switch l {
	case LayoutGB:
		return [levels]rows{
			{"`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", `\zxcvbnm,./`},
			{"¬!\"£$%^&*()_+", "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?"},
			{"¦   €", "  é   úíó", "á", ""},
			{"", "  É   ÚÍÓ", "Á", ""},
		}
	case LayoutDE:
		return [levels]rows{
			{"\u03021234567890ß\u0301", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"},
			{"°!\"§$%&/()=?\u0300", "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"},
			{`  ²³   {[]}\`, "@ €        ~", "", "|      µ"},
		}
	case LayoutFR:
		return [levels]rows{
			{`²&é"'(-è_çà)=`, "azertyuiop\u0302$", "qsdfghjklmù*", "<wxcvbn,;:!"},
			{" 1234567890°+", "AZERTYUIOP\u0308£", "QSDFGHJKLM%µ", ">WXCVBN?./§"},
			{"  \u0303#{[|\u0300\\^@]}", "  €        ¤", "", ""},
		}
	case LayoutES:
		return [levels]rows{
			{"º1234567890'¡", "qwertyuiop\u0300+", "asdfghjklñ\u0301ç", "<zxcvbnm,.-"},
			{`ª!"·$%&/()=?¿`, "QWERTYUIOP\u0302*", "ASDFGHJKLÑ\u0308Ç", ">ZXCVBNM;:_"},
			{"\\|@#\u0303€¬", "  €       []", "          {}", ""},
		}
	case LayoutIT:
		return [levels]rows{
			{`\1234567890'ì`, "qwertyuiopè+", "asdfghjklòàù", "<zxcvbnm,.-"},
			{`|!"£$%&/()=?^`, "QWERTYUIOPé*", "ASDFGHJKLç°§", ">ZXCVBNM;:_"},
			{"     €", "  €       []", "         @#", ""},
			{"", "          {}", "", ""},
		}
	case LayoutJP:
		return [levels]rows{
			{` 1234567890-^\`, "qwertyuiop@[", "asdfghjkl;:]", ` zxcvbnm,./\`},
			{" !\"#$%&'() =~|", "QWERTYUIOP`{", "ASDFGHJKL+*}", " ZXCVBNM<>?_"},
		}
	default:
		return [levels]rows{
			{"`1234567890-=", "qwertyuiop[]", `asdfghjkl;'\`, `\zxcvbnm,./`},
			{"~!@#$%^&*()_+", "QWERTYUIOP{}", `ASDFGHJKL:"|`, "|ZXCVBNM<>?"},
		}
	}
}
