package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestEveryProblemHasStatusTitleAndType(t *testing.T) {
	seen := map[Code]bool{}
	for _, code := range Codes() {
		p := NewProblem(code, "detail", "hint")
		if seen[code] {
			t.Errorf("%s is listed twice", code)
		}
		seen[code] = true
		if p.Code != code || p.Status < 400 || p.Title == "" || p.Type != "urn:posagent:problem:"+string(code) {
			t.Errorf("%s: %+v", code, p)
		}
	}
}

func TestAnUnknownProblemBecomesInternal(t *testing.T) {
	if p := NewProblem("no such code", "why", ""); p.Code != CodeInternal || p.Status != 500 || p.Detail != "why" {
		t.Errorf("%+v", p)
	}
}

func TestASaleHasTheContractsFieldNames(t *testing.T) {
	raw, err := json.Marshal(Sale{Payments: []Payment{{Attempts: []Attempt{{}}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"saleId", "state", "final", "version", "amount", "refunded", "message", "payments", "createdAt", "updatedAt", "canRescan",
		"title", "detail", "action", "attempts", "op", "at",
	} {
		if !strings.Contains(string(raw), `"`+name+`":`) {
			t.Errorf("the sale has no %q: %s", name, raw)
		}
	}
}

func TestAProblemReadsAsCodeAndDetail(t *testing.T) {
	if got := NewProblem(CodeTillBusy, "sale A is in the foreground", "").Error(); got != "till_busy: sale A is in the foreground" {
		t.Error(got)
	}
	if got := NewProblem(CodeInternal, "", "").Error(); got != "internal: Something went wrong inside" {
		t.Error(got)
	}
}

func TestAPINPrintsAsAMaskByEveryRoute(t *testing.T) {
	who := Supervisor{Name: "Ann", PIN: NewPIN("314159")}
	body, err := json.Marshal(NewRefund{Supervisor: &who})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v %+v %#v %s %x", who, who, who, who.PIN, who.PIN) + who.PIN.LogValue().String() + string(body)
	if strings.Contains(text, "314159") || strings.Contains(text, "333134") {
		t.Errorf("shows the PIN: %s", text)
	}
}
