package wire

import (
	"net/http"
	"time"
)

// Code names a kind of problem. Codes are stable; a register branches on them
// and on nothing else.
type Code string

// The codes.
const (
	CodeInvalidRequest        Code = "invalid_request"    // a field or the JSON is wrong; field names it
	CodeCurrencyMismatch      Code = "currency_mismatch"  // not this terminal's currency
	CodeNotAPaymentCode       Code = "not_a_payment_code" // nothing was sent; class says what it is
	CodeUnauthorized          Code = "unauthorized"       // no token, or a wrong one
	CodeForbiddenHost         Code = "forbidden_host"     // Host is not a loopback name
	CodeForbiddenOrigin       Code = "forbidden_origin"   // a web page of another site asks
	CodeNotFound              Code = "not_found"          // no such path
	CodeSaleNotFound          Code = "sale_not_found"
	CodeRefundNotFound        Code = "refund_not_found"
	CodeMethodNotAllowed      Code = "method_not_allowed"
	CodeTillBusy              Code = "till_busy"         // saleId names the one in the foreground
	CodeSaleConflict          Code = "sale_conflict"     // the id is in use with other content
	CodeRefundConflict        Code = "refund_conflict"   // likewise
	CodeSaleFinal             Code = "sale_final"        // nothing can be cancelled or asked any more
	CodeCodeNotExpected       Code = "code_not_expected" // the sale takes no code now
	CodeCodeUsed              Code = "code_used"         // saleId and usedAt say where and when
	CodeNotInAttention        Code = "not_in_attention"
	CodeNotPaid               Code = "not_paid" // nothing to refund
	CodeRefundTooMuch         Code = "refund_too_much"
	CodeRefundStands          Code = "refund_stands"          // not_paid, while a refund is under way or done
	CodeSupervisorRequired    Code = "supervisor_required"    // the action needs a supervisor's name and PIN
	CodeSupervisorRefused     Code = "supervisor_refused"     // wrong; triesLeft and waitUntil say how it goes on
	CodeSupervisorUnavailable Code = "supervisor_unavailable" // PINs cannot be judged
	CodeNoReceipt             Code = "no_receipt"             // nothing is proven that a receipt could say
	CodeReceiptFont           Code = "receipt_font"           // the PDF's font lacks a character
	CodeShiftUnavailable      Code = "shift_unavailable"      // shifts cannot be summed or kept
	CodeBodyTooLarge          Code = "body_too_large"
	CodeUnsupportedMedia      Code = "unsupported_media_type"
	CodeTooManyFailures       Code = "too_many_failures" // wrong tokens; wait
	CodeTooManyClients        Code = "too_many_clients"  // too many wait or listen
	CodeNotReady              Code = "not_ready"         // the till does not sell; reasons say why
	CodeJournalFailed         Code = "journal_failed"    // nothing is taken; what was under way is in the journal
	CodeStopping              Code = "stopping"          // the daemon stops or starts; try again
	CodeInternal              Code = "internal"
)

// kind is what is fixed for a code.
type kind struct {
	code   Code
	status int
	title  string
}

func kinds() []kind {
	return []kind{
		{CodeInvalidRequest, http.StatusBadRequest, "The request is not valid"},
		{CodeCurrencyMismatch, http.StatusBadRequest, "Not the terminal's currency"},
		{CodeNotAPaymentCode, http.StatusUnprocessableEntity, "Not a payment code"},
		{CodeUnauthorized, http.StatusUnauthorized, "The token is missing or wrong"},
		{CodeForbiddenHost, http.StatusForbidden, "The host name is not allowed"},
		{CodeForbiddenOrigin, http.StatusForbidden, "The origin is not allowed"},
		{CodeNotFound, http.StatusNotFound, "No such path"},
		{CodeSaleNotFound, http.StatusNotFound, "No such sale"},
		{CodeRefundNotFound, http.StatusNotFound, "No such refund"},
		{CodeMethodNotAllowed, http.StatusMethodNotAllowed, "The method is not allowed here"},
		{CodeTillBusy, http.StatusConflict, "Another sale is in the foreground"},
		{CodeSaleConflict, http.StatusConflict, "The saleId is in use with other content"},
		{CodeRefundConflict, http.StatusConflict, "The refundId is in use with other content"},
		{CodeSaleFinal, http.StatusConflict, "The sale is over"},
		{CodeCodeNotExpected, http.StatusConflict, "The sale takes no code now"},
		{CodeCodeUsed, http.StatusConflict, "The payment code was used before"},
		{CodeNotInAttention, http.StatusConflict, "It does not wait for a person"},
		{CodeNotPaid, http.StatusConflict, "The sale is not paid"},
		{CodeRefundStands, http.StatusConflict, "A refund of the sale is under way or done"},
		{CodeRefundTooMuch, http.StatusConflict, "The refunds would exceed what was paid"},
		{CodeSupervisorRequired, http.StatusForbidden, "This needs a supervisor"},
		{CodeSupervisorRefused, http.StatusForbidden, "The supervisor's name or PIN is wrong"},
		{CodeSupervisorUnavailable, http.StatusServiceUnavailable, "PINs cannot be judged now"},
		{CodeNoReceipt, http.StatusConflict, "There is nothing to print a receipt of"},
		{CodeReceiptFont, http.StatusConflict, "The receipt's font lacks a character"},
		{CodeShiftUnavailable, http.StatusServiceUnavailable, "Shifts cannot be closed now"},
		{CodeBodyTooLarge, http.StatusRequestEntityTooLarge, "The body is too large"},
		{CodeUnsupportedMedia, http.StatusUnsupportedMediaType, "The body is not application/json"},
		{CodeTooManyFailures, http.StatusTooManyRequests, "Too many wrong tokens"},
		{CodeTooManyClients, http.StatusServiceUnavailable, "Too many clients wait"},
		{CodeNotReady, http.StatusServiceUnavailable, "The till does not sell now"},
		{CodeJournalFailed, http.StatusServiceUnavailable, "The journal has failed"},
		{CodeStopping, http.StatusServiceUnavailable, "The daemon is starting or stopping"},
		{CodeInternal, http.StatusInternalServerError, "Something went wrong inside"},
	}
}

// Codes lists all codes.
func Codes() []Code {
	list := kinds()
	codes := make([]Code, len(list))
	for i, k := range list {
		codes[i] = k.code
	}
	return codes
}

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// Problem is an error by RFC 9457.
type Problem struct {
	Type   string `json:"type"` // "urn:posagent:problem:" and the code
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   Code   `json:"code"`
	Hint   string `json:"hint,omitempty"` // what a person or a program can do

	Field   string     `json:"field,omitempty"`   // invalid_request: such as "amount.value"
	SaleID  string     `json:"saleId,omitempty"`  // till_busy, code_used: the other sale
	UsedAt  *time.Time `json:"usedAt,omitempty"`  // code_used
	Class   string     `json:"class,omitempty"`   // not_a_payment_code: what was read
	Reasons []Warning  `json:"reasons,omitempty"` // not_ready, journal_failed

	TriesLeft *int       `json:"triesLeft,omitempty"` // supervisor_refused: before a wait
	WaitUntil *time.Time `json:"waitUntil,omitempty"` // supervisor_refused: no PIN is judged before
}

// NewProblem makes a problem of a known code; another one becomes internal.
func NewProblem(code Code, detail, hint string) *Problem {
	for _, k := range kinds() {
		if k.code == code {
			return &Problem{
				Type: "urn:posagent:problem:" + string(code), Title: k.title, Status: k.status,
				Detail: detail, Code: code, Hint: hint,
			}
		}
	}
	return NewProblem(CodeInternal, detail, hint)
}

// Error names code and detail.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return string(p.Code) + ": " + p.Title
	}
	return string(p.Code) + ": " + p.Detail
}
