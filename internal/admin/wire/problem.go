package wire

import "net/http"

// Code names a kind of problem. Codes are stable.
type Code string

// The codes. A call that is handed on to the local API, such as resolve, answers
// with that API's codes as well.
const (
	CodeInvalidRequest   Code = "invalid_request"
	CodeForbiddenHost    Code = "forbidden_host"   // Host is not one of this listener
	CodeForbiddenOrigin  Code = "forbidden_origin" // a web page asks
	CodeNoRole           Code = "no_role"          // who asks has no right at all
	CodeRoleRequired     Code = "role_required"    // who asks has another right than this call needs
	CodeNotFound         Code = "not_found"        // no such path
	CodeMethodNotAllowed Code = "method_not_allowed"
	CodeBodyTooLarge     Code = "body_too_large"
	CodeUnsupportedMedia Code = "unsupported_media_type"
	CodeBusy             Code = "busy"           // the same long operation runs already
	CodeRefused          Code = "refused"        // it was judged and not done; detail says why
	CodeNotAvailable     Code = "not_available"  // this build or this configuration cannot do it
	CodeJournalFailed    Code = "journal_failed" // the journal does not open or takes no more writes
	CodeStopping         Code = "stopping"       // the daemon starts or stops; try again
	CodeInternal         Code = "internal"
)

type kind struct {
	code   Code
	status int
	title  string
}

func kinds() []kind {
	return []kind{
		{CodeInvalidRequest, http.StatusBadRequest, "The request is not valid"},
		{CodeForbiddenHost, http.StatusForbidden, "The host name is not allowed"},
		{CodeForbiddenOrigin, http.StatusForbidden, "Web pages are not answered"},
		{CodeNoRole, http.StatusForbidden, "No right to ask"},
		{CodeRoleRequired, http.StatusForbidden, "This needs another right"},
		{CodeNotFound, http.StatusNotFound, "No such path"},
		{CodeMethodNotAllowed, http.StatusMethodNotAllowed, "The method is not allowed here"},
		{CodeBodyTooLarge, http.StatusRequestEntityTooLarge, "The body is too large"},
		{CodeUnsupportedMedia, http.StatusUnsupportedMediaType, "The body is not application/json"},
		{CodeBusy, http.StatusConflict, "The same is being done already"},
		{CodeRefused, http.StatusConflict, "It was not done"},
		{CodeNotAvailable, http.StatusNotImplemented, "Not available here"},
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
type Problem struct { //nolint:errname // the word of the RFC
	Type   string `json:"type"` // "urn:posagent:problem:" and the code
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   Code   `json:"code"`
	Hint   string `json:"hint,omitempty"`  // what a person can do
	Field  string `json:"field,omitempty"` // invalid_request: which
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

// Error is one line: what is wrong and what to do.
func (p *Problem) Error() string {
	s := string(p.Code) + ": " + p.Detail
	if p.Detail == "" {
		s = string(p.Code) + ": " + p.Title
	}
	if p.Hint != "" {
		s += " " + p.Hint
	}
	return s
}
