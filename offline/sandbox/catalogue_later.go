package sandbox

// queryTroubles are payments that were charged although the answer never came,
// with queries that do not simply say so.
func queryTroubles() []Scenario {
	lost := []Step{silent()}
	return []Scenario{
		{Name: "query_silent", Amount: 10417, Ends: endPaid, What: "charged, no answer; the first query gets none either",
			Pay: lost, Query: []Step{silent()}},
		{Name: "query_http_500", Amount: 10418, Ends: endPaid, What: "charged, no answer; two queries get HTTP 500",
			Pay: lost, Query: []Step{{Fault: FaultHTTP500}, {Fault: FaultHTTP500}}},
		{Name: "query_bad_signature", Amount: 10421, Ends: endPaid, What: "charged, no answer; a badly signed query says CLOSED, the next one the truth",
			Pay: lost, Query: []Step{{Status: statusClosed, Fault: FaultBadSignature}}},
		{Name: "query_other_amount", Amount: 10422, Ends: endCancelled + " or " + endAttention, What: "charged, no answer; queries show another amount",
			Pay: lost, Query: always(Step{Fault: FaultOtherAmount})},
		{Name: "query_unknown", Amount: 10423, Ends: endPaid, What: "charged, no answer; two queries say U",
			Pay: lost, Query: []Step{{Say: unknown()}, {Say: unknown()}}},
		{Name: "query_new_word", Amount: 10424, Ends: endPaid, What: "charged, no answer; two queries show a status that nobody knows",
			Pay: lost, Query: []Step{{Status: "ALMOST_THERE"}, {Status: "ALMOST_THERE"}}},
		{Name: "query_refused", Amount: 10426, Ends: endCancelled + " or " + endAttention, What: "charged, no answer; every query says F ACCESS_DENIED",
			Pay: lost, Query: always(Step{Say: Result{Status: "F", Code: "ACCESS_DENIED"}})},
		{Name: "query_foreign_msg_id", Amount: 10427, Ends: endPaid, What: "charged, no answer; the first query gets somebody else's answer",
			Pay: lost, Query: []Step{{Status: statusClosed, Fault: FaultForeignMsgID}}},
		{Name: "query_foreign_trans", Amount: 10428, Ends: endPaid, What: "charged, no answer; the first query shows another payment, closed",
			Pay: lost, Query: []Step{{Status: statusClosed, Fault: FaultForeignTrans}}},
		{Name: "query_duplicate_keys", Amount: 10431, Ends: endPaid, What: "charged, no answer; the first query has a forged second \"response\"",
			Pay: lost, Query: []Step{{Fault: FaultDuplicateKeys}}},
		{Name: "query_old_word", Amount: 10432, Ends: endPaid, What: "charged, no answer; queries show TRADE_SUCCESS, the older word",
			Pay: lost, Query: always(Step{Status: "TRADE_SUCCESS"})},
		{Name: "query_cut", Amount: 10433, Ends: endPaid, What: "charged, no answer; the first query's answer is cut in half",
			Pay: lost, Query: []Step{{Fault: FaultCut}}},
	}
}

// cancelTroubles are payments that end in a cancel which does not simply work.
func cancelTroubles() []Scenario {
	pending := []Step{{Effect: EffectPending}}
	lost := []Step{silent()}
	mute := always(Step{Say: unknown()}) // queries never tell, so a cancel follows
	again := Step{Effect: EffectNone, Say: unknown()}
	refused := func(code string) []Step {
		return always(Step{Effect: EffectNone, Say: Result{Status: "F", Code: code}})
	}
	return []Scenario{
		{Name: "cancel_unknown_1", Amount: 10701, Ends: endCancelled, What: "never confirmed; the first cancel says U",
			Pay: pending, Cancel: []Step{again}},
		{Name: "cancel_unknown_3", Amount: 10702, Ends: endCancelled, What: "never confirmed; three cancels say U",
			Pay: pending, Cancel: []Step{again, again, again}},
		{Name: "cancel_unknown_5", Amount: 10703, Ends: endCancelled, What: "never confirmed; five cancels say U, the sixth works",
			Pay: pending, Cancel: []Step{again, again, again, again, again}},
		{Name: "cancel_unknown_ever", Amount: 10704, Ends: endAttention, What: "never confirmed; every cancel says U",
			Pay: pending, Cancel: always(again)},
		{Name: "cancel_refused", Amount: 10706, Ends: endAttention, What: "never confirmed; every cancel says F PROCESS_FAIL",
			Pay: pending, Cancel: refused("PROCESS_FAIL")},
		{Name: "cancel_window", Amount: 10707, Ends: endAttention, What: "charged, queries never tell; the cancel comes too late: F CANCEL_WINDOW_EXCEED",
			Pay: lost, Query: mute, Cancel: refused(codeCancelWindow)},
		{Name: "cancel_lost", Amount: 10708, Ends: endCancelled, What: "never confirmed; the first cancel closes the trade, its answer is lost",
			Pay: pending, Cancel: []Step{silent()}},
		{Name: "cancel_dropped", Amount: 10711, Ends: endCancelled, What: "never confirmed; the first cancel closes the trade, the connection closes",
			Pay: pending, Cancel: []Step{{Fault: FaultDrop}}},
		{Name: "cancel_done_unknown", Amount: 10712, Ends: endCancelled, What: "never confirmed; the first cancel closes the trade and says U",
			Pay: pending, Cancel: []Step{{Say: unknown()}}},
		{Name: "cancel_bad_signature", Amount: 10713, Ends: endCancelled, What: "never confirmed; the first cancel does nothing, a badly signed answer says S",
			Pay: pending, Cancel: []Step{{Effect: EffectNone, Say: Result{Status: "S", Code: codeSuccess}, Fault: FaultBadSignature}}},
		{Name: "cancel_http_500", Amount: 10714, Ends: endCancelled, What: "never confirmed; two cancels get HTTP 500 and do nothing",
			Pay: pending, Cancel: []Step{{Effect: EffectNone, Fault: FaultHTTP500}, {Effect: EffectNone, Fault: FaultHTTP500}}},
		{Name: "cancel_silent_ever", Amount: 10716, Ends: endAttention, What: "never confirmed; no cancel does anything or gets an answer",
			Pay: pending, Cancel: always(Step{Effect: EffectNone, Fault: FaultSilent})},
		{Name: "cancel_paid", Amount: 10717, Ends: endCancelled, What: "charged, queries never tell; the cancel gives the money back",
			Pay: lost, Query: mute},
		{Name: "cancel_paid_lost", Amount: 10718, Ends: endCancelled, What: "charged, queries never tell; the cancel gives the money back, its answer is lost",
			Pay: lost, Query: mute, Cancel: []Step{silent()}},
		{Name: "cancel_not_exist", Amount: 10721, Ends: endAttention, What: "never confirmed; every cancel says F ORDER_NOT_EXIST",
			Pay: pending, Cancel: refused(codeNotExist)},
	}
}

// refundTroubles are paid; the trouble begins with a refund.
func refundTroubles() []Scenario {
	again := Step{Effect: EffectNone, Say: unknown()}
	refused := func(code string) []Step {
		return always(Step{Effect: EffectNone, Say: Result{Status: "F", Code: code}})
	}
	const made, refusedEnd, open = "paid, refund made once", "paid, refund refused", "paid, refund: attention"
	return []Scenario{
		{Name: "refund_lost", Amount: 10801, Ends: made, What: "the refund is made, its answer is lost",
			Refund: []Step{silent()}},
		{Name: "refund_lost_before", Amount: 10802, Ends: made, What: "the first refund message is lost, so nothing is made",
			Refund: []Step{{Effect: EffectNone, Fault: FaultSilent}}},
		{Name: "refund_unknown", Amount: 10803, Ends: made, What: "the first refund says U and does nothing",
			Refund: []Step{again}},
		{Name: "refund_done_unknown", Amount: 10804, Ends: made, What: "the refund is made and says U",
			Refund: []Step{{Say: unknown()}}},
		{Name: "refund_dropped", Amount: 10806, Ends: made, What: "the refund is made, the connection closes",
			Refund: []Step{{Fault: FaultDrop}}},
		{Name: "refund_bad_signature", Amount: 10807, Ends: made, What: "the first refund does nothing, a badly signed answer says S",
			Refund: []Step{{Effect: EffectNone, Say: Result{Status: "S", Code: codeSuccess}, Fault: FaultBadSignature}}},
		{Name: "refund_http_500", Amount: 10808, Ends: made, What: "the refund is made, HTTP 500",
			Refund: []Step{{Fault: FaultHTTP500}}},
		{Name: "refund_refused", Amount: 10811, Ends: refusedEnd, What: "F PROCESS_FAIL",
			Refund: refused("PROCESS_FAIL")},
		{Name: "refund_window", Amount: 10812, Ends: refusedEnd, What: "F REFUND_WINDOW_EXCEED",
			Refund: refused(codeRefundWindow)},
		{Name: "refund_exceed", Amount: 10813, Ends: refusedEnd, What: "F REFUND_AMOUNT_EXCEED",
			Refund: refused(codeRefundExceed)},
		{Name: "refund_unknown_ever", Amount: 10814, Ends: open, What: "every refund says U and does nothing",
			Refund: always(again)},
	}
}
