package cashier

// refundWords are those of refunds. Only "refund.refunded" says that the money
// goes back.
func refundWords() []entry {
	const (
		notBack = "Nothing went back by this refund."
		other   = "Call the supervisor. Give the money back in another way if it is due."
		sorry   = "This refund did not go through. My supervisor will help you."
	)
	return []entry{
		{"refund.processing", Text{
			Title:  "Refund is on its way",
			Money:  "There is no result yet.",
			Action: "Wait for the result. Do not give the money back in another way.",
			Say:    "One moment, please.",
		}},
		{"refund.no_connection", Text{
			Title:  "No connection, refund waits",
			Money:  "There is no result yet.",
			Action: "The till goes on trying. Do not give the money back in another way.",
			Say:    "The line is slow. The refund is not done yet.",
		}},
		{"refund.refunded", Text{
			Title:  "Refunded",
			Money:  "Alipay has confirmed it: the money goes back to the customer.",
			Action: "Give the customer the refund receipt.",
			Say:    "The money goes back to you; your wallet will show it.",
		}},
		{"refund.refunded.person", Text{
			Title:  "Refunded, a person checked",
			Money:  "A person found that the money goes back to the customer.",
			Action: "Give the customer the refund receipt.",
			Say:    "We have checked: the money goes back to you.",
		}},
		{"refund.declined.person", Text{
			Title:  "Not refunded, a person checked",
			Money:  "A person found that nothing went back by this refund.",
			Action: "Start a new refund if it is due.",
			Say:    "We have checked: this refund was not made.",
		}},
		{"refund.declined", Text{Title: "Refund refused", Money: notBack, Action: other, Say: sorry}},
		{"refund.declined.too_late", Text{
			Title:  "Too late for a refund",
			Money:  "The time for a refund is over. " + notBack,
			Action: other,
			Say:    sorry,
		}},
		{"refund.declined.amount", Text{
			Title:  "Refund is too high",
			Money:  "It is more than what is left of the payment. " + notBack,
			Action: "Check the amount and what was refunded before. Then start a new refund.",
			Say:    "The amount is not right. I will try again.",
		}},
		{"refund.declined.not_found", Text{
			Title:  "Payment not found",
			Money:  "Alipay does not know the payment of this refund. " + notBack,
			Action: other,
			Say:    sorry,
		}},
		{"refund.declined.repeated", Text{
			Title:  "Refund number used before",
			Money:  "This refund was not made. An earlier one has the same number.",
			Action: "Call the supervisor: look the earlier refund up before giving money back.",
			Say:    sorry,
		}},
		{"refund.attention", Text{
			Title:  "Refund not confirmed",
			Money:  "The refund may or may not have been made.",
			Action: "Do not give the money back in another way yet. Call the supervisor. Help: " + Support,
			Say:    "The refund has no clear result yet. My supervisor will look at it.",
		}},
		{"refund.attention.setup", Text{
			Title:  "Till needs repair",
			Money:  "Alipay does not take this till's messages. The refund may not have been made.",
			Action: "Do not give the money back in another way yet. Call the supervisor.",
			Say:    "Our till has a problem. My supervisor will look at your refund.",
		}},
		{"refund.attention.other_amount", Text{
			Title:  "Wrong refund amount",
			Money:  "Alipay answered with another amount than this refund.",
			Action: "Do not give more money back. Call the supervisor. Help: " + Support,
			Say:    "The amount is not right. My supervisor will look at it with you.",
		}},
	}
}
