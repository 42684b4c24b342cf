package cashier

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"posagent/offline"
	"posagent/offline/alipay"
)

func parts(t Text) map[string]string {
	return map[string]string{"title": t.Title, "money": t.Money, "action": t.Action, "say": t.Say}
}

func TestEveryTextIsThereAndFitsTheScreen(t *testing.T) {
	for _, e := range catalogue() {
		for name, s := range parts(e.Text) {
			limit := 160
			if name == "title" {
				limit = 40
			}
			if n := utf8.RuneCountInString(s); n == 0 || n > limit || s != strings.TrimSpace(s) {
				t.Errorf("%s: %s has %d characters: %q", e.key, name, n, s)
			}
			if name != "title" && !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, Support) {
				t.Errorf("%s: %s is no sentence: %q", e.key, name, s)
			}
		}
		if e.Detail != "" {
			t.Errorf("%s: a catalogue has no gateway's text", e.key)
		}
	}
}

func TestKeysAreUniqueAndStable(t *testing.T) {
	seen := map[string]bool{}
	shape := regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)*$|^code\.[A-Z_]+$`)
	for _, k := range Keys() {
		if seen[k] || !shape.MatchString(k) {
			t.Errorf("key %q", k)
		}
		seen[k] = true
	}
	codes := map[string]bool{}
	for _, g := range codeGroups() {
		for _, name := range strings.Fields(g.names) {
			if codes[name] {
				t.Errorf("%s has words twice", name)
			}
			codes[name] = true
		}
	}
}

// TestOnlyPaidSaysPaid: a cashier who reads "paid" or "charged" hands over the
// goods. A may-have is no claim.
func TestOnlyPaidSaysPaid(t *testing.T) {
	claim := regexp.MustCompile(`(?i)\bpaid\b|\bwas taken\b|\bwas charged\b|\bwere charged\b|\bsucce|\bcomplete\b|\bhand over\b`)
	harmless := strings.NewReplacer(
		"Nothing was taken", "", "nothing was taken", "", "If the customer was charged", "", "if it was charged", "",
		"If you were charged", "", "that was taken", "", "Do not hand over", "")
	for _, e := range catalogue() {
		if e.key == "paid" || strings.HasPrefix(e.key, "paid.") {
			continue
		}
		for name, s := range parts(e.Text) {
			if m := claim.FindString(harmless.Replace(s)); m != "" {
				t.Errorf("%s: %s claims %q: %q", e.key, name, m, s)
			}
		}
	}
}

// TestOnlyEndsSayThatNothingWasTaken: while the result is open it is not proven.
func TestOnlyEndsSayThatNothingWasTaken(t *testing.T) {
	claim := regexp.MustCompile(`(?i)nothing (was|is|has been) (taken|owed|sent|kept)|not charged|goes back|go back\b`)
	open := regexp.MustCompile(`^(processing|confirming|checking|reversing|attention|refund\.(processing|no_connection|attention))`)
	for _, e := range catalogue() {
		if !open.MatchString(e.key) {
			continue
		}
		for name, s := range parts(e.Text) {
			rest := strings.ReplaceAll(s, "to go back", "") // an intention
			if e.key == "processing.no_connection" {
				rest = strings.ReplaceAll(rest, "Nothing has been sent.", "") // that much is proven there
			}
			if m := claim.FindString(rest); m != "" {
				t.Errorf("%s: %s claims %q: %q", e.key, name, m, s)
			}
		}
	}
}

func TestGoodsAreKeptWhileTheResultIsOpen(t *testing.T) {
	for _, e := range catalogue() {
		top, _, _ := strings.Cut(e.key, ".")
		switch top {
		case "processing", "confirming", "checking", "reversing", "attention":
			if !strings.Contains(e.Action, "Keep the goods") && !strings.Contains(e.Action, "Do not hand over goods") {
				t.Errorf("%s does not say what to do with the goods: %q", e.key, e.Action)
			}
		}
	}
}

func TestEveryWordOfTheDomainHasItsOwnText(t *testing.T) {
	keys := map[string]bool{}
	for _, k := range Keys() {
		keys[k] = true
	}
	var want []string
	for _, s := range offline.SaleStates() {
		want = append(want, string(s))
	}
	for _, r := range []offline.Reason{offline.ReasonAsked, offline.ReasonQueryLimit, offline.ReasonNotFound, offline.ReasonOtherAmount} {
		want = append(want, "reversing."+string(r))
	}
	for _, r := range []offline.Reason{
		offline.ReasonCancelUnconfirmed, offline.ReasonCancelRefused, offline.ReasonCancelTooLate,
		offline.ReasonSetup, offline.ReasonRepaired, offline.ReasonOtherAmount, offline.ReasonLateSuccess,
	} {
		want = append(want, "attention."+string(r))
	}
	for _, h := range []offline.How{
		offline.HowUnsent, offline.HowClosed, offline.HowReturned, offline.HowEither, offline.HowRefunded, offline.HowPerson,
	} {
		want = append(want, "cancelled."+string(h))
	}
	for _, s := range []offline.RefundState{offline.RefundProcessing, offline.RefundRefunded, offline.RefundDeclined, offline.RefundAttention} {
		want = append(want, "refund."+string(s))
	}
	for _, c := range []offline.ReasonClass{
		offline.ClassRescan, offline.ClassOtherMeans, offline.ClassTopUp, offline.ClassWallet, offline.ClassSetup, offline.ClassSupervisor,
	} {
		want = append(want, "declined."+string(c))
	}
	for _, k := range want {
		if !keys[k] {
			t.Errorf("no words for %s", k)
		}
	}
}

func TestUnknownKeysGetTheNearestWords(t *testing.T) {
	for key, want := range map[string]string{
		"reversing.new_reason":          "reversing",
		"refund.attention.new.and.deep": "refund.attention",
		"unheard_of":                    "attention",
		"unheard.of":                    "attention",
		"":                              "attention",
	} {
		if Words(key) != Words(want) {
			t.Errorf("%q: %+v", key, Words(key))
		}
	}
}

func TestEveryResultCodeHasWordsThatFitItsMeaning(t *testing.T) {
	for _, c := range alipay.Codes() {
		for _, spelling := range []string{c.Name, "ACQ." + c.Name, strings.ToLower(c.Name)} {
			got := ForCode(c.Class, spelling, "the gateway's own text")
			for name, s := range parts(got) {
				if s == "" {
					t.Errorf("%s: no %s", spelling, name)
				}
			}
			saysNothing := strings.Contains(got.Money, "Nothing")
			if refused := c.Pay == offline.Failure; saysNothing != refused {
				t.Errorf("%s: a pay with it is %s, but the words are %q", spelling, c.Pay, got.Money)
			}
		}
	}
}

func TestCodesWithWordsAreCodesOfTheGateway(t *testing.T) {
	known := map[string]bool{}
	for _, c := range alipay.Codes() {
		known[c.Name] = c.Pay == offline.Failure
	}
	for _, g := range codeGroups() {
		for _, name := range strings.Fields(g.names) {
			if !known[name] {
				t.Errorf("%s refuses no payment", name)
			}
		}
	}
}

func TestRiskIsNeverExplained(t *testing.T) {
	reason := regexp.MustCompile(`(?i)risk|fraud|suspicio|security|safe`)
	for _, code := range []string{"RISK_REJECT", "FRAUD_REJECT", "ACQ.PAYMENT_REQUEST_HAS_RISK"} {
		got := ForCode(offline.ClassOtherMeans, code, "risk control: suspicious buyer")
		for name, s := range parts(got) {
			if reason.MatchString(s) {
				t.Errorf("%s: %s explains: %q", code, name, s)
			}
		}
		if got.Detail != "" {
			t.Errorf("%s: the gateway's reason is shown: %q", code, got.Detail)
		}
	}
}

func TestUnknownCodesShowTheGatewaysOwnText(t *testing.T) {
	for _, tc := range []struct {
		class     offline.ReasonClass
		msg, want string
		words     string
	}{
		{"", "Moon in\tthe\r\nwrong \x1b[1mhouse\u202e", "Moon in the wrong [1mhouse", "declined"},
		{offline.ClassOtherMeans, "", "", "declined.other_means"},
		{offline.ClassSetup, "bad key", "bad key", "declined.setup"},
		{offline.ClassAskAgain, "later", "later", "checking"},
		{"brand_new", "x", "x", "declined"},
		{offline.ClassTopUp, strings.Repeat("余额", 200), strings.Repeat("余额", 79) + "余…", "declined.top_up"},
		{"", "\xff\xfe ok", "ok", "declined"},
	} {
		got := ForCode(tc.class, "MOON_IN_THE_WRONG_HOUSE", tc.msg)
		if got.Detail != tc.want || utf8.RuneCountInString(got.Detail) > 160 {
			t.Errorf("detail %q, want %q", got.Detail, tc.want)
		}
		got.Detail = ""
		if got != Words(tc.words) {
			t.Errorf("class %q: %+v", tc.class, got)
		}
	}
}

func TestRefusedRefundsSayThatNothingWentBack(t *testing.T) {
	for _, code := range []string{"REFUND_WINDOW_EXCEED", "REFUND_AMOUNT_EXCEED", "ORDER_NOT_EXIST", "ACQ.TRADE_NOT_EXIST", "PROCESS_FAIL", ""} {
		got := ForRefundCode(code, "own text")
		if !strings.Contains(got.Money, "Nothing went back by this refund.") {
			t.Errorf("%q: %q", code, got.Money)
		}
		if own := RefundCodeKey(code) != "refund.declined"; own == (got.Detail != "") {
			t.Errorf("%q: detail %q", code, got.Detail)
		}
	}
	if got := ForRefundCode("REPEAT_REQ_INCONSISTENT", ""); !strings.Contains(got.Action, "supervisor") {
		t.Errorf("%+v", got)
	}
}
