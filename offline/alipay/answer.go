package alipay

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"posagent/offline"
)

// answer is what is read of a response: the bytes are verified, the content is
// not yet compared with the request.
type answer struct {
	function, clientID, reqMsgID, respTime string

	status, code, msg string // resultInfo, as written

	merchantTransID, acquirementID, merchantRefundID string

	orderAmount, payAmount, refundAmount amount

	paymentTime string
	action      string   // cancel: what was done
	words       []string // query: every status field that is there, as written
}

// amount is an Amount object of an answer. An unreadable one is kept apart from
// an absent one: it cannot be said to match.
type amount struct {
	money      offline.Money
	present    bool
	unreadable bool
}

func (a amount) is(m offline.Money) bool { return a.present && !a.unreadable && a.money == m }

// The names of the body's fields. Those marked unconfirmed stand in no public
// table of this API; siblings on the same platform use them.
const (
	fieldPaymentTime = "paymentTime" // unconfirmed in pay and payQuery
	fieldAction      = "action"      // unconfirmed
)

// statusFields are the fields in which a query may say how the trade stands
// (all unconfirmed; the first is the likeliest).
func isStatusField(key string) bool {
	switch key {
	case "acquirementStatus", "payStatus", "paymentStatus", "transStatus", "tradeStatus":
		return true
	}
	return false
}

var errNoResultInfo = errors.New("the answer has no resultInfo with a resultStatus")

// readAnswer reads the value of "response". It accepts any fields beside those
// that it knows, but refuses a known one that comes twice, also in another
// spelling: which of the two holds would be a guess.
func readAnswer(response []byte) (answer, error) {
	var a answer
	err := readObject(response, "response", func(key string, value []byte) error {
		switch key {
		case "head":
			return a.readHead(value)
		case "body":
			return a.readBody(value)
		}
		return nil
	})
	if err == nil && a.status == "" {
		err = errNoResultInfo
	}
	return a, err
}

func (a *answer) readHead(text []byte) error {
	return readObject(text, "head", func(key string, value []byte) (err error) {
		switch key {
		case "function":
			a.function, _, err = scalar(key, value)
		case "clientId":
			a.clientID, _, err = scalar(key, value)
		case "reqMsgId":
			a.reqMsgID, _, err = scalar(key, value)
		case "respTime":
			a.respTime, _, err = scalar(key, value)
		}
		return err
	})
}

func (a *answer) readBody(text []byte) error {
	return readObject(text, "body", func(key string, value []byte) (err error) {
		switch key {
		case "resultInfo":
			err = a.readResult(value)
		case "merchantTransId":
			a.merchantTransID, _, err = scalar(key, value)
		case "acquirementId":
			a.acquirementID, _, err = scalar(key, value)
		case "merchantRefundId":
			a.merchantRefundID, _, err = scalar(key, value)
		case "orderAmount":
			a.orderAmount, err = readAmount(key, value)
		case "payAmount":
			a.payAmount, err = readAmount(key, value)
		case "refundAmount":
			a.refundAmount, err = readAmount(key, value)
		case fieldPaymentTime:
			a.paymentTime, _, err = scalar(key, value)
		case fieldAction:
			a.action, _, err = scalar(key, value)
		default:
			if isStatusField(key) {
				word, present, err := scalar(key, value)
				if present {
					a.words = append(a.words, word)
				}
				return err
			}
		}
		return err
	})
}

func (a *answer) readResult(text []byte) error {
	return readObject(text, "resultInfo", func(key string, value []byte) (err error) {
		switch key {
		case "resultStatus":
			a.status, _, err = scalar(key, value)
		case "resultCode":
			a.code, _, err = scalar(key, value)
		case "resultMsg":
			a.msg, _, err = scalar(key, value)
		}
		return err
	})
}

// known tells whether a key, in any spelling, is one that decides something.
func known(object, folded string) bool {
	switch object {
	case "response":
		return folded == "head" || folded == "body"
	case "head":
		switch folded {
		case "function", "clientid", "reqmsgid", "resptime":
			return true
		}
	case "resultInfo":
		switch folded {
		case "resultstatus", "resultcode", "resultmsg":
			return true
		}
	case "body":
		switch folded {
		case "resultinfo", "merchanttransid", "acquirementid", "merchantrefundid",
			"orderamount", "payamount", "refundamount", "paymenttime", "action",
			"acquirementstatus", "paystatus", "paymentstatus", "transstatus", "tradestatus":
			return true
		}
	default: // an amount
		return folded == "currency" || folded == "value"
	}
	return false
}

// readObject shows each member of an object by its decoded key. The object was
// walked over once already, so its grammar holds.
func readObject(text []byte, name string, member func(key string, value []byte) error) error {
	if text[0] != '{' {
		return fmt.Errorf("%s is not an object", name)
	}
	var seen []string
	c := cutter{text: text}
	return c.object(1, func(quoted, value []byte) error {
		key, err := unquote(quoted)
		if err != nil {
			return err
		}
		folded := strings.ToLower(key)
		if !known(name, folded) {
			return nil
		}
		for _, s := range seen {
			if s == folded {
				return fmt.Errorf("%s has two fields %s", name, folded)
			}
		}
		seen = append(seen, folded)
		return member(key, value)
	})
}

// scalar reads a text, or a number as its digits. null counts as absent.
func scalar(key string, value []byte) (text string, present bool, err error) {
	switch b := value[0]; {
	case b == '"':
		text, err = unquote(value)
		return text, true, err
	case b == 'n':
		return "", false, nil
	case b == '-' || b >= '0' && b <= '9':
		return string(value), true, nil
	}
	return "", false, fmt.Errorf("%s is neither text nor number", key)
}

// readAmount reads {"currency":"THB","value":"239"}; the value may be a number,
// which is as exact as long as it is a whole one.
func readAmount(key string, text []byte) (amount, error) {
	if text[0] == 'n' {
		return amount{}, nil
	}
	a := amount{present: true}
	var value string
	err := readObject(text, key, func(key string, v []byte) (err error) {
		switch key {
		case "currency":
			a.money.Currency, _, err = scalar(key, v)
		case "value":
			value, _, err = scalar(key, v)
		}
		return err
	})
	if err != nil {
		return a, err
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || len(value) > 16 || strconv.FormatInt(n, 10) != value || n < 0 || a.money.Currency == "" {
		a.unreadable = true
		return a, nil
	}
	a.money.Value = n
	return a, nil
}
