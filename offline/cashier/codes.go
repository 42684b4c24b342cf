package cashier

import (
	"slices"
	"strings"
)

// codeGroup is the words that several result codes share; the first name makes
// the key.
type codeGroup struct {
	names string // separated by spaces, without the prefix "ACQ."
	Text
}

func codeWords() []entry {
	groups := codeGroups()
	list := make([]entry, len(groups))
	for i, g := range groups {
		name, _, _ := strings.Cut(g.names, " ")
		list[i] = entry{"code." + name, g.Text}
	}
	return list
}

// codeKey returns the key of a code that has words of its own.
func codeKey(name string) (string, bool) {
	for _, g := range codeGroups() {
		if names := strings.Fields(g.names); slices.Contains(names, name) {
			return "code." + names[0], true
		}
	}
	return "", false
}

func codeGroups() []codeGroup {
	return slices.Concat(scanGroups(), walletGroups(), shopGroups())
}

// scanGroups: the code itself.
func scanGroups() []codeGroup {
	return []codeGroup{
		{"EXPIRED_CODE", Text{
			Title: "Code is too old", Money: nothingTaken, Action: freshCode, Say: sayFresh,
		}},
		{"INVALID_PAYMENT_CODE INVALID_CODE PAYMENT_AUTH_CODE_INVALID BUYER_NOT_EXIST", Text{
			Title: "Code not accepted", Money: nothingTaken,
			Action: "Ask for a fresh payment code and scan it. If it is refused again, take another way to pay.",
			Say:    sayFresh,
		}},
		{"USER_PAYMENT_VERIFICATION_FAILED", Text{
			Title: "Not confirmed on the phone", Money: nothingTaken,
			Action: "Ask for a fresh code and scan it. The customer confirms on the phone.",
			Say:    "Please show a fresh code and confirm on your phone.",
		}},
		{"PULL_MOBILE_CASHIER_FAIL", Text{
			Title: "Wallet did not open", Money: nothingTaken, Action: freshCode,
			Say: "Please open your wallet again and show a fresh code.",
		}},
		{"PAYMENT_FAIL", Text{
			Title: "Payment did not work", Money: nothingTaken,
			Action: "Scan a fresh code once more. If it is refused again, take another way to pay.",
			Say:    sayFresh,
		}},
	}
}

// walletGroups: the customer's wallet or account.
func walletGroups() []codeGroup {
	return []codeGroup{
		{"USER_BALANCE_NOT_ENOUGH BUYER_BALANCE_NOT_ENOUGH", Text{
			Title: "Balance too low", Money: nothingTaken,
			Action: "Keep the goods. The customer can add money or choose a card in the wallet, or pay in another way.",
			Say:    "Your wallet could not cover this amount. Would you like to pay in another way?",
		}},
		{"BUYER_BANKCARD_BALANCE_NOT_ENOUGH", Text{
			Title: "Card in the wallet could not pay", Money: nothingTaken,
			Action: "Keep the goods. The customer can choose another card in the wallet, or pay in another way.",
			Say:    "The card in your wallet could not cover this amount. Would you like to use another one?",
		}},
		{"USER_AMOUNT_EXCEED_LIMIT BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", Text{
			Title: "Over the wallet's limit", Money: nothingTaken, Action: otherWay,
			Say: "This amount is over a limit of your wallet. May I offer another way to pay?",
		}},
		{"PAYMENT_COUNT_EXCEED_LIMIT", Text{
			Title: "Too many payments", Money: nothingTaken, Action: otherWay,
			Say: "Your wallet allows no further payment now. May I offer another way to pay?",
		}},
		{"USER_NOT_EXIST", Text{
			Title: "Wallet not found", Money: nothingTaken, Action: otherWay, Say: sayOther,
		}},
		{"USER_STATUS_ABNORMAL BUYER_ENABLE_STATUS_FORBID", Text{
			Title: "Wallet needs the customer", Money: nothingTaken,
			Action: "Keep the goods. The customer asks the wallet's support, or pays in another way.",
			Say:    "Please ask your wallet's support. You can also pay in another way.",
		}},
		{"USER_KYC_NOT_QUALIFIED ERROR_BUYER_CERTIFY_LEVEL_LIMIT BUYER_NOT_MAINLAND_CERT", Text{
			Title: "Wallet asks for an identity check", Money: nothingTaken,
			Action: "Keep the goods. The customer completes the check in the wallet, or pays in another way.",
			Say:    "Your wallet asks for an identity check. You can also pay in another way.",
		}},
		{"VERIFY_TIMES_EXCEED_LIMIT VERIFY_UNMATCHED", Text{
			Title: "Could not be verified", Money: nothingTaken, Action: otherWay, Say: sayOther,
		}},
		{"NO_PAY_OPTIONS NO_PAYMENT_INSTRUMENTS_AVAILABLE", Text{
			Title: "No card or balance to pay with", Money: nothingTaken, Action: otherWay,
			Say: "Your wallet found nothing to pay with. May I offer another way to pay?",
		}},
		{"ERROR_BALANCE_PAYMENT_DISABLE MOBILE_PAYMENT_SWITCH_OFF USER_FACE_PAYMENT_SWITCH_OFF", Text{
			Title: "Switched off in the wallet", Money: nothingTaken,
			Action: "Keep the goods. The customer switches it on in the wallet, then scan a fresh code.",
			Say:    "Payments are switched off in your wallet. Would you like to switch them on?",
		}},
		{"BUYER_SELLER_EQUAL", Text{
			Title: "The wallet belongs to the shop", Money: nothingTaken,
			Action: "Keep the goods. Take the code of another wallet, or another way to pay.",
			Say:    "This wallet cannot pay in this shop. May I offer another way to pay?",
		}},
	}
}

// shopGroups: refusals that the customer cannot cure. Those for risk give no
// reason: neither the cashier nor the customer may learn one.
func shopGroups() []codeGroup {
	return []codeGroup{
		{"RISK_REJECT PAYMENT_REQUEST_HAS_RISK", Text{
			Title: "Payment refused", Money: nothingTaken,
			Action: "Do not scan again. Keep the goods and offer another way to pay.",
			Say:    sayOther,
		}},
		{"FRAUD_REJECT", Text{
			Title: "Payment refused", Money: "Nothing is kept. If the wallet shows a charge, it goes back.",
			Action: "Do not scan again. Keep the goods and offer another way to pay.",
			Say:    "This payment did not go through. If your wallet shows a charge, it goes back to you.",
		}},
		{"PAYMENT_AMOUNT_EXCEED_LIMIT TOTAL_FEE_EXCEED", Text{
			Title: "Amount is too high", Money: nothingTaken,
			Action: "Keep the goods. Take a smaller amount or another way to pay.",
			Say:    "This amount is too high for one payment. May I offer another way to pay?",
		}},
		{"BEYOND_PAY_RESTRICTION BEYOND_PER_RECEIPT_RESTRICTION", Text{
			Title: "Shop's limit is reached", Money: nothingTaken,
			Action: "Keep the goods. Take another way to pay and tell the supervisor.",
			Say:    "We cannot take this amount with the wallet now. May I offer another way to pay?",
		}},
		{"REGULATION_RESTRICTION", Text{
			Title: "Not allowed with this wallet", Money: nothingTaken, Action: otherWay, Say: sayOther,
		}},
		{"UNAVAILABLE_PAYMENT_METHOD PAYMENT_NOT_QUALIFIED AGREEMENT_NOT_EXIST", Text{
			Title: "Wallet cannot be used here", Money: nothingTaken, Action: otherWay,
			Say: "This wallet cannot be used here. May I offer another way to pay?",
		}},
		{"CURRENCY_NOT_SUPPORT", Text{
			Title: "Currency is not set up", Money: nothingTaken,
			Action: "Call the supervisor: this till's currency is not set up at Alipay. Take another way to pay.",
			Say:    "Our till has a problem. You were not charged. May I offer another way to pay?",
		}},
		{"EXIST_FORBIDDEN_WORD", Text{
			Title: "Order text not accepted", Money: nothingTaken,
			Action: "Call the supervisor: the text of this order must be changed. Then start a new sale.",
			Say:    "One moment, please. I will start again.",
		}},
	}
}
