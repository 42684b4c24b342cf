package cashier

// What refused payments have in common.
const (
	nothingTaken = "Nothing was taken."
	otherWay     = "Keep the goods. Offer another way to pay."
	sayOther     = "This payment did not go through. May I offer another way to pay?"
	freshCode    = "Ask the customer to refresh the code, then scan the new one."
	sayFresh     = "Please refresh your payment code and show it again."
	sayWallet    = "Please look in your wallet app. You can also pay in another way."
)

// declinedWords are those of refusals whose code has no words of its own. The
// last part of the key is the class of the reason.
func declinedWords() []entry {
	return []entry{
		{"declined", Text{
			Title: "Payment refused", Money: nothingTaken, Action: otherWay, Say: sayOther,
		}},
		{"declined.rescan", Text{
			Title: "Code not accepted", Money: nothingTaken, Action: freshCode, Say: sayFresh,
		}},
		{"declined.other_means", Text{
			Title: "Payment refused", Money: nothingTaken, Action: otherWay, Say: sayOther,
		}},
		{"declined.top_up", Text{
			Title: "Amount not covered", Money: nothingTaken,
			Action: "Keep the goods. The customer can add money to the wallet, or pay in another way.",
			Say:    "Your wallet could not cover this amount. Would you like to pay in another way?",
		}},
		{"declined.wallet", Text{
			Title: "Wallet needs the customer", Money: nothingTaken,
			Action: "Keep the goods. Ask the customer to look in the wallet app, or take another way to pay.",
			Say:    sayWallet,
		}},
		{"declined.setup", Text{
			Title: "Till needs repair", Money: nothingTaken,
			Action: "Call the supervisor: Alipay does not take this till's messages. Take another way to pay.",
			Say:    "Our till has a problem. You were not charged. May I offer another way to pay?",
		}},
		{"declined.supervisor", Text{
			Title: "Call the supervisor", Money: "Alipay refused. The till cannot explain the answer.",
			Action: "Keep the goods and call the supervisor.",
			Say:    "My supervisor will look at it with you.",
		}},
	}
}
