package alipay

import (
	"slices"

	"posagent/offline"
)

// mapiCodes are the names of the older MAPI gateway that no table above has
// (docs.antom.com/ac/gr/error_code and /ac/hkapi/spot_pay).
func mapiCodes() []Code {
	return slices.Concat(
		setup("ILLEGAL_SIGN", "ILLEGAL_ARGUMENT", "ILLEGAL_PARTNER", "ILLEGAL_EXTERFACE",
			"ILLEGAL_PARTNER_EXTERFACE", "ILLEGAL_SIGN_TYPE", "HAS_NO_PRIVILEGE"),
		refusal(offline.ClassOtherMeans, "AGREEMENT_NOT_EXIST"),
		refusal(offline.ClassRescan, "BUYER_NOT_EXIST"),
		refusal(offline.ClassWallet, "BUYER_NOT_MAINLAND_CERT"),
	)
}
