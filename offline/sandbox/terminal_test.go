package sandbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// terminal plays a payment to its end by the published best practice (docs.antom.com,
// barcode quick integration): ask after 5 s, every 3 s, at most 20 times, then
// cancel, at most 6 times. It is what a scenario's Ends is checked against.
type terminal struct {
	w          *wallet
	id         string
	value      int64
	acquired   string
	asked      int // cancels sent
	sawTrade   bool
	cancelDone []string // the actions of good cancels
}

// asks are codes that speak of the request or of an earlier trade, not of this one.
var asks = []string{
	"ORDER_IS_CANCELED", "ORDER_IS_CLOSED", "ORDER_STATUS_INVALID", "ORDER_NOT_EXIST", "REPEAT_REQ_INCONSISTENT", "SYSTEM_ERROR", "PROCESS_FAIL",
	"TRADE_HAS_SUCCESS", "TRADE_HAS_CLOSE", "TRADE_BUYER_NOT_MATCH", "CONTEXT_INCONSISTENT",
}

// exchange sends one message and believes only what is about this payment.
func (m *terminal) exchange(function string, body object, wait time.Duration) (told, error) {
	ctx, cancel := context.WithTimeout(m.w.t.Context(), wait)
	defer cancel()
	a, err := m.w.try(ctx, function, body)
	if err == nil && a.Body.MerchantTransID != "" && a.Body.MerchantTransID != m.id {
		return a, errUnproven
	}
	return a, err
}

// mine tells whether an answer shows the right amount.
func (m *terminal) mine(a told) bool {
	o := a.Body.OrderAmount
	return o == nil || o.Value == m.value && o.Currency == "HKD"
}

func (m *terminal) run(code string) string {
	a, err := m.exchange("offline.pay", payBody(m.id, code, m.value), 5*time.Second)
	if err == nil {
		switch strings.ToUpper(a.Body.ResultInfo.ResultStatus) {
		case "S":
			if !m.mine(a) {
				return m.reverse()
			}
			m.acquired = a.Body.AcquirementID
			return endPaid
		case "F":
			if c := strings.TrimPrefix(a.Body.ResultInfo.ResultCode, "ACQ."); !slices.Contains(asks, c) {
				return endDeclined
			}
		}
	}
	return m.confirm()
}

func (m *terminal) confirm() string {
	missing := 0
	for range 20 {
		began := time.Now()
		gap := 3 * time.Second
		a, err := m.exchange("offline.payQuery", byID(m.id), 3*time.Second)
		switch {
		case err != nil:
		case a.result() == "F ORDER_NOT_EXIST":
			if missing++; missing == 3 {
				return m.reverse()
			}
			gap = 6 * time.Second
		case a.Body.ResultInfo.ResultStatus == "S" && !m.mine(a):
			m.sawTrade = true
			return m.reverse()
		case a.Body.ResultInfo.ResultStatus == "S":
			m.sawTrade = true
			if strings.HasSuffix(a.Body.AcquirementStatus, "SUCCESS") {
				return endPaid
			}
			if a.Body.AcquirementStatus == "CLOSED" {
				return endCancelled
			}
		}
		time.Sleep(gap - time.Since(began))
	}
	return m.reverse()
}

func (m *terminal) reverse() string {
	for range 6 {
		m.asked++
		c, err := m.exchange("common.payCancel", byID(m.id), 3*time.Second)
		switch {
		case err != nil || c.Body.ResultInfo.ResultStatus == "U":
			time.Sleep(2 * time.Second)
		case c.Body.ResultInfo.ResultStatus == "F":
			return endAttention
		case c.Body.Action == "" && !m.sawTrade:
			m.cancelDone = append(m.cancelDone, "")
			if m.watch() {
				continue
			}
			return endCancelled
		default:
			m.cancelDone = append(m.cancelDone, c.Body.Action)
			return endCancelled
		}
	}
	return endAttention
}

// watch asks on after a cancel of what nobody had seen, and tells whether it
// came to life.
func (m *terminal) watch() bool {
	for range 5 {
		time.Sleep(30 * time.Second)
		a, err := m.exchange("offline.payQuery", byID(m.id), 3*time.Second)
		if errors.Is(err, context.DeadlineExceeded) || err != nil || a.Body.ResultInfo.ResultStatus != "S" {
			continue
		}
		if a.Body.AcquirementStatus != "CLOSED" {
			return true
		}
	}
	return false
}

// giveBack plays a refund: the same message until S or F, at most 6 times.
func (m *terminal) giveBack(refund string, value int64) string {
	for range 6 {
		a, err := m.exchange("common.refund", refundBody(m.acquired, refund, value), 3*time.Second)
		switch {
		case err != nil || a.Body.ResultInfo.ResultStatus == "U":
			time.Sleep(2 * time.Second)
		case a.Body.ResultInfo.ResultStatus == "F":
			return "paid, refund refused"
		default:
			return "paid, refund made once"
		}
	}
	return "paid, refund: attention"
}
