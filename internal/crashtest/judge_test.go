package crashtest

import (
	"errors"
	"strings"

	"posagent/offline"
)

// judge compares what the journal shows with the customers' accounts, once
// nothing can change any more. It returns the shown state, and whether a person
// must look at the payment.
func (st *stage) judge() (state offline.SaleState, unclear bool) {
	books := st.gateway.Ledger()
	for _, fault := range books.Audit() {
		st.faults.add("books: %s", fault)
	}
	for _, text := range []string{firstCode, secondCode} {
		if strings.Contains(st.log.String(), text) {
			st.faults.add("the log holds a whole payment code")
		}
	}
	sale, err := st.journal.Sale(saleID)
	if errors.Is(err, offline.ErrUnknownSale) {
		if n := len(books.Entries()); n != 0 {
			st.faults.add("money moved %d times, and there is no sale", n)
		}
		return "", false
	}
	if err != nil {
		st.faults.add("reading the sale: %v", err)
		return "", false
	}
	sale = sale.SeenBy("a later run")
	st.intents(&sale)
	loss, charged := st.account(&sale)
	switch state := sale.State(); state {
	case offline.SaleStatePaid:
		st.paid(&sale, loss, charged)
	case offline.SaleStateDeclined, offline.SaleStateCancelled, offline.SaleStateExpired:
		if loss != 0 {
			st.faults.add("it shows %s, and the customer has lost %d", state, loss)
		}
	case offline.SaleStateAttention:
		unclear = true
	case offline.SaleStateWaiting:
		if len(sale.Payments) > 0 {
			st.faults.add("it waits for a code although there was one")
		}
	case offline.SaleStateProcessing, offline.SaleStateConfirming, offline.SaleStateChecking, offline.SaleStateReversing:
		st.faults.add("it rests as %s", state)
	}
	for i := range sale.Payments {
		st.words(&sale.Payments[i])
	}
	return sale.State(), unclear
}

// account sums up what the customer lost over all payments of the sale, and what
// the current one was charged.
func (st *stage) account(sale *offline.Sale) (loss, charged int64) {
	known := map[offline.MerchantTransID]bool{}
	for i := range sale.Payments {
		known[sale.Payments[i].ID] = true
	}
	holding := 0
	for _, acc := range st.gateway.Ledger().Trades() {
		if !known[acc.MerchantTransID] {
			st.faults.add("money moved under %s, which the journal does not know", acc.MerchantTransID)
		}
		left := acc.Charged - acc.Returned - acc.Refunded
		loss += left
		if acc.Charged > acc.Returned {
			holding++
		}
		if p := sale.Current(); p != nil && p.ID == acc.MerchantTransID {
			charged = acc.Charged - acc.Returned
		}
	}
	if holding > 1 {
		st.faults.add("%d payments of one sale were charged", holding)
	}
	return loss, charged
}

// paid: exactly the sale's amount was taken, and of it went back what the
// refunds show; one that is in attention may have gone back or not.
func (st *stage) paid(sale *offline.Sale, loss, charged int64) {
	if charged != sale.Amount.Value {
		st.faults.add("it shows paid, and %d of %d was taken", charged, sale.Amount.Value)
	}
	low, high := sale.Amount.Value, sale.Amount.Value
	for i := range sale.Refunds {
		r := &sale.Refunds[i]
		switch r.State() {
		case offline.RefundRefunded:
			low, high = low-r.Amount.Value, high-r.Amount.Value
		case offline.RefundAttention:
			low -= r.Amount.Value
		case offline.RefundProcessing:
			st.faults.add("refund %s rests as processing", r.ID)
		case offline.RefundDeclined:
		}
	}
	if loss < low || loss > high {
		st.faults.add("it shows paid with %s back, and the customer has lost %d", sale.Refunded(), loss)
	}
}

// words: what the end of a payment says about the money.
func (st *stage) words(p *offline.Payment) {
	if p.End == nil {
		return
	}
	acc := st.gateway.Ledger().Account(p.ID)
	switch {
	case p.End.How == offline.HowClosed && acc.Charges > 0:
		st.faults.add("%s: \"nothing was taken\", and %d was taken", p.ID, acc.Charged)
	case p.End.How == offline.HowReturned && acc.Charges == 0:
		st.faults.add("%s: \"money goes back\", and none was taken", p.ID)
	case p.End.How == offline.HowUnsent:
		for _, c := range st.gateway.Calls() {
			if c.MerchantTransID == p.ID && c.Op == offline.OpPay {
				st.faults.add("%s: \"nothing was sent\", and the gateway got its pay", p.ID)
			}
		}
	}
}

// intents: every message that arrived stands in the journal (I1), and only the
// run that read the code has paid (I3).
func (st *stage) intents(sale *offline.Sale) {
	known := map[offline.ReqMsgID]offline.Op{}
	for i := range sale.Payments {
		p := &sale.Payments[i]
		for _, a := range p.Attempts {
			known[a.ReqMsgID] = a.Op
			if a.Op == offline.OpPay && a.Boot != p.Boot {
				st.faults.add("%s paid %s, whose code %s read", a.Boot, p.ID, p.Boot)
			}
		}
	}
	for i := range sale.Refunds {
		for _, a := range sale.Refunds[i].Attempts {
			known[a.ReqMsgID] = a.Op
		}
	}
	for _, c := range st.gateway.Calls() {
		if known[c.ReqMsgID] != c.Op {
			st.faults.add("a %s arrived (%s) that the journal does not know", c.Op, c.ReqMsgID)
		}
		if c.Refused {
			st.faults.add("the gateway refused a faulty %s: %s %s", c.Op, c.Answer.Code, c.Answer.Msg)
		}
	}
}

// watchShown holds every published change against the journal: nothing is shown
// as paid before its end is durable (I6).
func (st *stage) watchShown(changes <-chan offline.Change) {
	for c := range changes {
		if c.Sale.State() != offline.SaleStatePaid {
			continue
		}
		stored, err := st.journal.Sale(c.Sale.ID)
		if err != nil {
			st.faults.add("paid was shown of a sale that cannot be read: %v", err)
			continue
		}
		if p := stored.Current(); p == nil || p.End == nil || p.End.Result != offline.ResultPaid {
			st.faults.add("paid was shown before its end was durable")
		}
	}
}
