package cashier

// attentionWords are those of sales that the till cannot settle. The last part of
// the key is the reason as it is stored.
func attentionWords() []entry {
	const (
		mayHave = "The customer may have been charged. The till could not find out."
		noCash  = "Keep the goods. Do not take the money again. Call the supervisor. "
		support = "Help: " + Support
		sorry   = "We could not get a clear result. My supervisor will look at it with you."
	)
	return []entry{
		{"attention", Text{
			Title: "Call the supervisor", Money: mayHave, Action: noCash + support, Say: sorry,
		}},
		{"attention.late_success", Text{
			Title:  "Payment reported late",
			Money:  "Alipay reported this payment after it seemed to be over. The customer may have been charged.",
			Action: "Keep the goods. Call the supervisor: look the sale up at Alipay; if it was charged, give a refund.",
			Say:    "My supervisor will check. If you were charged, we look after it.",
		}},
		{"attention.cancel_unconfirmed", Text{
			Title:  "Cancel not confirmed",
			Money:  "The cancel was sent but never confirmed. The customer may have been charged.",
			Action: noCash + support,
			Say:    sorry,
		}},
		{"attention.cancel_refused", Text{
			Title:  "Cancel was refused",
			Money:  "Alipay refused the cancel. The customer may have been charged.",
			Action: noCash + support,
			Say:    sorry,
		}},
		{"attention.cancel_too_late", Text{
			Title:  "Too late to cancel",
			Money:  "The time for a cancel is over. The customer may have been charged.",
			Action: "Keep the goods. Call the supervisor: look the sale up at Alipay; if it was charged, give a refund.",
			Say:    "My supervisor will check. If you were charged, you get the money back.",
		}},
		{"attention.other_amount", Text{
			Title:  "Wrong amount at Alipay",
			Money:  "Alipay holds another amount than the sale. The customer may have been charged it.",
			Action: noCash + support,
			Say:    "The amount is not right. My supervisor will look at it with you.",
		}},
		{"attention.setup", Text{
			Title:  "Till needs repair",
			Money:  "Alipay does not take this till's messages. The customer may have been charged.",
			Action: noCash + "No more sales on this till.",
			Say:    sorry,
		}},
		{"attention.repaired", Text{
			Title:  "Records were damaged",
			Money:  "Part of this sale's record was lost. The customer may have been charged.",
			Action: "Keep the goods. Call the supervisor: look the sale up at Alipay before anything else.",
			Say:    sorry,
		}},
	}
}
