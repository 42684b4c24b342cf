package wire_test

import (
	"strings"
	"testing"

	"posagent/internal/admin/wire"
)

func TestEveryCodeMakesAProblemOfItsOwn(t *testing.T) {
	titles := map[string]wire.Code{}
	for _, code := range wire.Codes() {
		p := wire.NewProblem(code, "d", "h")
		if p.Code != code || p.Status < 400 || p.Type != "urn:posagent:problem:"+string(code) {
			t.Errorf("%s: %+v", code, p)
		}
		if other, twice := titles[p.Title]; twice {
			t.Errorf("%s and %s have one title", code, other)
		}
		titles[p.Title] = code
		if text := p.Error(); text != string(code)+": d h" {
			t.Errorf("prints %q", text)
		}
	}
	if p := wire.NewProblem("invented", "", ""); p.Code != wire.CodeInternal || !strings.Contains(p.Error(), p.Title) {
		t.Errorf("an unknown code: %+v", p)
	}
}
