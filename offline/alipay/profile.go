package alipay

// Version is head.version: the edition of the API document that the account
// was set up with.
type Version string

// The versions. They differ in the name of the merchant's field and in what
// head and signature may be.
const (
	Version204 Version = "2.0.4" // merchantId, signType
	Version202 Version = "2.0.2" // partnerId, signType
	Version200 Version = "2.0.0" // merchantId, no signType, SHA-1 allowed (AlipayHK)
)

// SignType names a signature algorithm as head.signType spells it. Both are RSA
// with PKCS #1 v1.5 padding, in standard base64.
type SignType string

// The signature types.
const (
	RSA2 SignType = "RSA2" // SHA-256
	RSA1 SignType = "RSA"  // SHA-1, only with 2.0.0 (docs.antom.com/ac/openapi/signreq)
)

// profile is what differs between the versions.
type profile struct {
	partnerID   bool // the merchant's field is partnerId, of at most 32 characters
	signType    bool // head has signType
	sha1Allowed bool
}

func profileOf(v Version) (profile, bool) {
	switch v {
	case Version204:
		return profile{signType: true}, true
	case Version202:
		return profile{partnerID: true, signType: true}, true
	case Version200:
		return profile{sha1Allowed: true}, true
	}
	return profile{}, false
}
