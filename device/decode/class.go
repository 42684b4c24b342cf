package decode

import "strings"

// Kind is what a label is, coarsely. The names are stable.
type Kind string

// The kinds of label.
const (
	// KindPaymentCode is a code that the gateway may be asked about.
	KindPaymentCode Kind = "payment_code"
	// KindOtherWallet is the payment code of a wallet that is not reached here.
	KindOtherWallet Kind = "other_wallet"
	// KindProduct is on an article: EAN, UPC, ITF-14, ISBN, ISSN, GS1 data.
	KindProduct Kind = "product"
	// KindLogistics is on a parcel or pallet: SSCC, GS1-128.
	KindLogistics Kind = "logistics"
	// KindStoreQR is for the customer's phone and not for the till's scanner.
	KindStoreQR Kind = "store_qr"
	// KindShort begins like a payment code and ends too early.
	KindShort Kind = "short"
	// KindLong begins like a payment code and is longer than one may be.
	KindLong Kind = "long"
	// KindJoined is two or more labels that ran together.
	KindJoined Kind = "joined"
	// KindNonASCIIDigits is digits of another script, e.g. full-width ones.
	KindNonASCIIDigits Kind = "non_ascii_digits"
	// KindGarbage is none of these.
	KindGarbage Kind = "garbage"
	// KindEmpty is a label without a character.
	KindEmpty Kind = "empty"
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{
		KindPaymentCode, KindOtherWallet, KindProduct, KindLogistics, KindStoreQR, KindShort,
		KindLong, KindJoined, KindNonASCIIDigits, KindGarbage, KindEmpty,
	}
}

// Code is what a label is, finely: one for each set of sentences. The names
// are stable and are what a translation is keyed by.
type Code string

// The codes, each with its kind in front where there are several.
const (
	CodePayment        Code = "payment_code"
	CodeWeChat         Code = "other_wallet_wechat"
	CodeUnionPay       Code = "other_wallet_unionpay"
	CodePayPay         Code = "other_wallet_paypay"
	CodeLINEPay        Code = "other_wallet_linepay"
	CodeRakutenPay     Code = "other_wallet_rakutenpay"
	CodeDBarai         Code = "other_wallet_dbarai"
	CodeMerpay         Code = "other_wallet_merpay"
	CodeAUPay          Code = "other_wallet_aupay"
	CodeBankPay        Code = "other_wallet_bankpay"
	CodeEMVConsumer    Code = "other_wallet_emv"
	CodeEAN13          Code = "product_ean13"
	CodeEAN8           Code = "product_ean8"
	CodeUPC            Code = "product_upc"
	CodeITF14          Code = "product_itf14"
	CodeISBN           Code = "product_isbn"
	CodeISSN           Code = "product_issn"
	CodeGS1Product     Code = "product_gs1"
	CodeSSCC           Code = "logistics_sscc"
	CodeGS1128         Code = "logistics_gs1_128"
	CodeStoreAlipay    Code = "store_qr_alipay"
	CodeStoreWeChat    Code = "store_qr_wechat"
	CodeStoreEMV       Code = "store_qr_emv"
	CodeStoreTaiwan    Code = "store_qr_taiwan"
	CodeURL            Code = "store_qr_url"
	CodeShort          Code = "short"
	CodeLong           Code = "long"
	CodeReserved       Code = "long_reserved"
	CodeJoined         Code = "joined"
	CodeNonASCIIDigits Code = "non_ascii_digits"
	CodeUnknownNumber  Code = "garbage_number"
	CodeControl        Code = "garbage_control"
	CodeUnreadable     Code = "garbage_text"
	CodeEmpty          Code = "empty"
)

// Class is what a label is and what the cashier reads about it. It holds
// nothing of the label itself.
type Class struct {
	Kind Kind
	Code Code
	// Wallet names whose payment code it is, where the shape tells: "Alipay",
	// "Alipay+", "WeChat Pay", "UnionPay", "PayPay" and so on. It informs
	// people; nothing depends on it.
	Wallet string
	// Form names the shape among the payment codes, e.g. "alipay+ 24". Like
	// Wallet it only informs.
	Form string
	Sentences
}

// IsPayment reports whether the gateway may be asked about the label.
func (c Class) IsPayment() bool { return c.Kind == KindPaymentCode }

// Sentences are what the cashier reads, in English.
type Sentences struct {
	// Title is a few words.
	Title string
	// What says what was scanned and that nothing was started.
	What string
	// Do says what to do next. Empty where nothing is to be done.
	Do string
}

// Entry is one row of the table of sentences.
type Entry struct {
	Code Code
	Kind Kind
	Sentences
}

const (
	none    = " No payment was started."
	askOpen = "Ask the customer to open the payment code in the wallet, then scan that code."
	askNew  = "Ask the customer to refresh the payment code, then scan it again."
)

// Table gives every code with its kind and its English sentences, in a fixed
// order: the source of translations.
func Table() []Entry {
	return []Entry{
		{CodePayment, KindPaymentCode, Sentences{"Payment code", "A payment code of Alipay or an Alipay+ wallet.", ""}},
		otherWallet(CodeWeChat, "WeChat Pay"),
		otherWallet(CodeUnionPay, "UnionPay"),
		otherWallet(CodePayPay, "PayPay"),
		otherWallet(CodeLINEPay, "LINE Pay"),
		otherWallet(CodeRakutenPay, "Rakuten Pay"),
		otherWallet(CodeDBarai, "d Barai"),
		otherWallet(CodeMerpay, "Merpay"),
		otherWallet(CodeAUPay, "au PAY"),
		otherWallet(CodeBankPay, "Ginko Pay"),
		{CodeEMVConsumer, KindOtherWallet, Sentences{"Bank wallet code", "This is a bank's or card scheme's payment QR. It cannot be charged here." + none, "Ask the customer for Alipay or an Alipay+ wallet, or take another tender."}},
		{CodeEAN13, KindProduct, Sentences{"Product barcode", "This is a product barcode (EAN-13)." + none, askOpen}},
		{CodeEAN8, KindProduct, Sentences{"Product barcode", "This is a product barcode (8 digits)." + none, askOpen}},
		{CodeUPC, KindProduct, Sentences{"Product barcode", "This is a product barcode (UPC)." + none, askOpen}},
		{CodeITF14, KindProduct, Sentences{"Case barcode", "This is the barcode of a case of goods (ITF-14)." + none, askOpen}},
		{CodeISBN, KindProduct, Sentences{"Book barcode", "This is a book's number (ISBN)." + none, askOpen}},
		{CodeISSN, KindProduct, Sentences{"Magazine barcode", "This is a magazine's number (ISSN)." + none, askOpen}},
		{CodeGS1Product, KindProduct, Sentences{"Product barcode", "This is a product barcode (GS1)." + none, askOpen}},
		{CodeSSCC, KindLogistics, Sentences{"Shipping label", "This is the number of a parcel or pallet (SSCC)." + none, askOpen}},
		{CodeGS1128, KindLogistics, Sentences{"Shipping label", "This is a shipping label (GS1-128)." + none, askOpen}},
		{CodeStoreAlipay, KindStoreQR, Sentences{"Store QR code", "This is a QR code that customers scan with their phone." + none, askOpen}},
		{CodeStoreWeChat, KindStoreQR, Sentences{"WeChat store QR code", "This is a WeChat QR code that customers scan with their phone." + none, askOpen}},
		{CodeStoreEMV, KindStoreQR, Sentences{"Store QR code", "This is a shop's payment QR code that customers scan with their phone." + none, askOpen}},
		{CodeStoreTaiwan, KindStoreQR, Sentences{"Store QR code", "This is a Taiwan Pay QR code that customers scan with their phone." + none, askOpen}},
		{CodeURL, KindStoreQR, Sentences{"Web link", "This QR code is a link to a web page." + none, askOpen}},
		{CodeShort, KindShort, Sentences{"Code too short", "The code begins like a payment code but digits are missing." + none, askNew}},
		{CodeLong, KindLong, Sentences{"Code too long", "The code begins like a payment code but has too many digits." + none, askNew}},
		{CodeReserved, KindLong, Sentences{"Code too long", "The code has a length that is reserved and not in use." + none, askNew}},
		{CodeJoined, KindJoined, Sentences{"Two codes in one", "Two barcodes were read as one." + none, "Scan the payment code again, one code at a time."}},
		{CodeNonASCIIDigits, KindNonASCIIDigits, Sentences{"Code not readable", "The digits are not plain digits: the scanner's character set is wrong." + none, askNew + " If it happens again, tell store IT."}},
		{CodeUnknownNumber, KindGarbage, Sentences{"Not a payment code", "This number is not a payment code." + none, askOpen}},
		{CodeControl, KindGarbage, Sentences{"Code not readable", "The code holds characters that cannot be read." + none, askNew + " If it happens again, tell store IT."}},
		{CodeUnreadable, KindGarbage, Sentences{"Not a payment code", "This is not a payment code." + none, askOpen}},
		{CodeEmpty, KindEmpty, Sentences{"Nothing read", "The scanner sent an empty code." + none, "Scan the payment code again."}},
	}
}

// otherWallet is the row of a wallet that is known by name.
func otherWallet(code Code, name string) Entry {
	article := "a "
	if strings.ContainsAny(name[:1], "Aa") {
		article = "an "
	}
	return Entry{code, KindOtherWallet, Sentences{
		name + " code", "This is " + article + name + " code. It cannot be charged here." + none,
		"Ask the customer for Alipay or an Alipay+ wallet, or take " + name + " as its own tender.",
	}}
}

// class looks a code up in the table; every code has a row.
func class(code Code) Class {
	for _, e := range Table() {
		if e.Code == code {
			return Class{Kind: e.Kind, Code: e.Code, Sentences: e.Sentences}
		}
	}
	return Class{Kind: KindGarbage, Code: code}
}
