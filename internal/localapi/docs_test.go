package localapi_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline"
)

// The handbook must tell of everything that a register can meet.
func TestTheHandbookNamesEveryCallStateProblemAndWarning(t *testing.T) {
	raw, err := os.ReadFile("../../docs/local-api.md")
	if err != nil {
		t.Fatal(err)
	}
	handbook := string(raw)
	want := func(what, text string) {
		t.Helper()
		if !strings.Contains(handbook, text) {
			t.Errorf("docs/local-api.md lacks the %s %s", what, text)
		}
	}
	for _, route := range localapi.Routes() {
		want("call", "`"+route)
	}
	for _, code := range wire.Codes() {
		want("problem", fmt.Sprintf("| `%s` | %d |", code, wire.NewProblem(code, "", "").Status))
	}
	for _, state := range offline.SaleStates() {
		want("state", fmt.Sprintf("| `%s` |", state))
	}
	for _, event := range []string{wire.EventSnapshot, wire.EventSale, wire.EventStatus, wire.EventNotice} {
		want("event", "| `"+event+"` |")
	}
	for _, w := range till.Warnings() {
		want("warning", "| `"+string(w)+"` |")
	}
	for _, code := range []string{till.CodeAlreadyUsed, till.CodeNotExpected, till.CodeNotStarted, till.CodeRepeated} {
		want("notice", "`"+code+"`")
	}
	for _, g := range []till.GatewayState{till.GatewayUnknown, till.GatewayOK, till.GatewayUnreachable, till.GatewaySetup} {
		want("state of the gateway", "`"+string(g)+"`")
	}
}
