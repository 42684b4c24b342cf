package finding

import (
	"strings"
	"testing"
)

func TestTheWorstFindingIsTheVerdict(t *testing.T) {
	pass, warn, fail := Of("a", Pass, "", ""), Of("b", Warn, "", ""), Of("c", Fail, "", "")
	for _, row := range []struct {
		list []Finding
		want Verdict
	}{
		{nil, Pass},
		{[]Finding{pass, pass}, Pass},
		{[]Finding{pass, warn, pass}, Warn},
		{[]Finding{warn, fail, warn}, Fail},
	} {
		if got := Worst(row.list); got != row.want {
			t.Errorf("%v: %s, want %s", row.list, got, row.want)
		}
	}
}

func TestTheTableHasAColumnOfScannersWhereTheyAreJudged(t *testing.T) {
	for _, row := range []struct{ scanner, want string }{
		{"", "warn  clock  40 s off\n             -> set it\n"},
		{"counter", "warn  counter  clock  40 s off\n                      -> set it\n"},
	} {
		var b strings.Builder
		Tabulate(&b, []Finding{{Scanner: row.scanner, Check: "clock", Verdict: Warn, Detail: "40 s off", Remedy: "set it"}})
		if b.String() != row.want {
			t.Errorf("scanner %q:\n%s", row.scanner, b.String())
		}
	}
}
