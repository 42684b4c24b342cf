package cashier

// cancelledWords are those of sales that ended without money kept. The last part
// of the key is how the payment ended, as it is stored, or why it never began.
func cancelledWords() []entry {
	const (
		nothing = "Nothing was sent and nothing was taken."
		again   = "Start the sale again, or take another way to pay."
	)
	return []entry{
		{"cancelled", Text{
			Title:  "Cancelled",
			Money:  "Nothing is owed. If the customer was charged, the money goes back.",
			Action: "Keep the goods, or start the sale again.",
			Say:    "It is cancelled. If you were charged, the money goes back to you.",
		}},
		{"cancelled.asked", Text{
			Title: "Cancelled", Money: nothing,
			Action: "Keep the goods, or start a new sale.",
			Say:    "It is cancelled. You were not charged.",
		}},
		{"cancelled.unsent", Text{
			Title: "Cancelled, never sent", Money: nothing, Action: again,
			Say: "The payment was not sent. You were not charged.",
		}},
		{"cancelled.no_connection", Text{
			Title: "No connection, not charged", Money: nothing,
			Action: "Try again with a fresh code, or take another way to pay.",
			Say:    "We had no connection. You were not charged.",
		}},
		{"cancelled.restarted", Text{
			Title: "Cancelled, the till restarted", Money: nothing, Action: again,
			Say: "Our till restarted. You were not charged.",
		}},
		{"cancelled.setup", Text{
			Title: "This till could not send it", Money: nothing,
			Action: "Call the supervisor: the till needs repair. Take another way to pay.",
			Say:    "Our till has a problem. You were not charged. May I offer another way to pay?",
		}},
		{"cancelled.after_decline", Text{
			Title:  "Cancelled after a refusal",
			Money:  "The payment was refused. Nothing was taken.",
			Action: again,
			Say:    "It is cancelled. You were not charged.",
		}},
		{"cancelled.closed", Text{
			Title:  "Cancelled, nothing taken",
			Money:  "Alipay has closed the payment. Nothing was taken.",
			Action: again,
			Say:    "It is cancelled. You were not charged.",
		}},
		{"cancelled.returned", Text{
			Title:  "Cancelled, money goes back",
			Money:  "The money had been taken. It goes back to the customer.",
			Action: "Keep the goods, or take another way to pay.",
			Say:    "It is cancelled. The money goes back to you; your wallet will show it.",
		}},
		{"cancelled.either", Text{
			Title:  "Cancelled",
			Money:  "Nothing is owed. If the customer was charged, the money goes back.",
			Action: again,
			Say:    "It is cancelled. If your wallet shows a charge, it goes back to you.",
		}},
		{"cancelled.refunded", Text{
			Title:  "Cancelled by refund",
			Money:  "The whole amount was given back by refund.",
			Action: "Keep the goods, or take another way to pay.",
			Say:    "The whole amount goes back to you; your wallet will show it.",
		}},
		{"cancelled.person", Text{
			Title:  "Cancelled by a person",
			Money:  "A person checked: nothing is owed.",
			Action: again,
			Say:    "We have checked: this payment does not stand.",
		}},
	}
}
