package words

import (
	"strings"

	"posagent/offline/cashier"
)

// Match finds the language for a tag of BCP 47 or for a POSIX locale: "zh-TW" and
// "zh_TW.UTF-8" are traditional Chinese. It is English, and false, for a language
// that has no words here, and for "C" and "POSIX".
func Match(tag string) (cashier.Lang, bool) {
	tag, _, _ = strings.Cut(tag, ".")
	tag, _, _ = strings.Cut(tag, "@")
	parts := strings.Split(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	if parts[0] != "zh" {
		for _, l := range cashier.Langs() {
			if string(l) == parts[0] {
				return l, true
			}
		}
		return cashier.English, false
	}
	// The script decides; without one, where it is written so.
	traditional := false
	for _, p := range parts[1:] {
		switch p {
		case "hans":
			return cashier.SimplifiedChinese, true
		case "hant", "tw", "hk", "mo":
			traditional = true
		}
	}
	if traditional {
		return cashier.TraditionalChinese, true
	}
	return cashier.SimplifiedChinese, true
}
