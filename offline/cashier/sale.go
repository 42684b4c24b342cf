package cashier

// saleWords are those of the states on the way to a result, and of paid and
// expired. The last part of a reversal's key is the reason as it is stored.
func saleWords() []entry {
	const (
		keepGoods = "Keep the goods. Do not take the money in another way yet."
		wait      = "Please wait a moment, I am checking your payment."
	)
	return []entry{
		{"waiting", Text{
			Title:  "Scan the customer's code",
			Money:  "Nothing has been sent.",
			Action: "Ask for the payment code and scan it.",
			Say:    "Please show me your payment code.",
		}},
		{"waiting.rescan", Text{
			Title:  "Scan a fresh code",
			Money:  "The last code was refused. Nothing was taken.",
			Action: "Ask the customer to refresh the code, then scan the new one.",
			Say:    "Please refresh your payment code and show it again.",
		}},
		{"processing", Text{
			Title:  "Payment is on its way",
			Money:  "There is no result yet.",
			Action: "Keep the goods. Wait for the result.",
			Say:    "One moment, please.",
		}},
		{"processing.no_connection", Text{
			Title:  "No connection, trying again",
			Money:  "Nothing has been sent.",
			Action: "Keep the goods. The till goes on trying while the code is good. You can cancel.",
			Say:    "One moment, please. The line is slow.",
		}},
		{"confirming", Text{
			Title:  "Customer must confirm",
			Money:  "There is no result yet.",
			Action: "Keep the goods. Ask the customer to look at the phone.",
			Say:    "Please confirm the payment on your phone.",
		}},
		{"checking", Text{
			Title:  "Result not known yet",
			Money:  "The money may or may not have been taken. The till is asking.",
			Action: keepGoods,
			Say:    wait,
		}},
		{"checking.restarted", Text{
			Title:  "Result not known yet",
			Money:  "The till restarted during this payment. It is asking what became of it.",
			Action: keepGoods,
			Say:    wait,
		}},
		{"checking.no_connection", Text{
			Title:  "No connection, result not known",
			Money:  "The money may or may not have been taken. The till asks as soon as it can.",
			Action: keepGoods,
			Say:    wait,
		}},
		{"reversing", Text{
			Title:  "Payment is being cancelled",
			Money:  "Not confirmed yet. Anything that was taken is to go back.",
			Action: "Keep the goods. The till goes on until the cancel is confirmed.",
			Say:    "The payment is being cancelled. Anything taken from you is to go back.",
		}},
		{"reversing.asked", Text{
			Title:  "Cancelling as asked",
			Money:  "Not confirmed yet. Anything that was taken is to go back.",
			Action: "Keep the goods. The till goes on until the cancel is confirmed.",
			Say:    "I have cancelled. Anything taken from you is to go back.",
		}},
		{"reversing.query_limit", Text{
			Title:  "No result, cancelling",
			Money:  "No result came in time. The till is undoing the payment.",
			Action: "Keep the goods. Wait for the cancel before taking the money in another way.",
			Say:    "No result came in time, so I cancel. Anything taken from you is to go back.",
		}},
		{"reversing.not_found", Text{
			Title:  "Payment did not arrive, cancelling",
			Money:  "Alipay does not know this payment. The till cancels it so that it cannot come late.",
			Action: "Keep the goods. Wait for the cancel before you scan again.",
			Say:    "The payment did not arrive. One moment, please.",
		}},
		{"reversing.other_amount", Text{
			Title:  "Wrong amount, cancelling",
			Money:  "Alipay holds another amount than the sale. The till is undoing the payment.",
			Action: "Keep the goods and call the supervisor.",
			Say:    "The amount is not right, so I cancel. Anything taken from you is to go back.",
		}},
		{"reversing.late", Text{
			Title:  "Late payment, sending it back",
			Money:  "A payment arrived after the sale was cancelled. The till is sending it back.",
			Action: "Do not hand over goods for it. Nothing else to do.",
			Say:    "Your payment came after the cancel. It is to go back to you.",
		}},
		{"paid", Text{
			Title:  "Paid",
			Money:  "The money was taken. Alipay has confirmed it.",
			Action: "Hand over the goods and the receipt.",
			Say:    "Thank you, your payment is complete.",
		}},
		{"paid.person", Text{
			Title:  "Paid, confirmed by a person",
			Money:  "A person checked: the money was taken.",
			Action: "Hand over the goods and the receipt.",
			Say:    "Thank you, your payment is complete.",
		}},
		{"expired", Text{
			Title:  "No code came in time",
			Money:  "Nothing was sent and nothing was taken.",
			Action: "Start the sale again when the customer is ready.",
			Say:    "We can start again whenever you are ready.",
		}},
	}
}
