package words

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/device"
	"posagent/device/decode"
	"posagent/internal/localapi/wire"
	"posagent/internal/till"
	"posagent/offline/cashier"
)

func others() []cashier.Lang { return cashier.Langs()[1:] }

// constants are the values of the text constants below a folder whose names begin
// so.
func constants(t *testing.T, folder, prefix string) []string {
	t.Helper()
	var list []string
	inspect(t, func(_ string, n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return
		}
		for i, name := range spec.Names {
			if strings.HasPrefix(name.Name, prefix) && i < len(spec.Values) {
				if v, ok := literal(spec.Values[i]); ok {
					list = append(list, v)
				}
			}
		}
	}, folder)
	return list
}

// noticeCodes are the till's own, those of labels that are no payment codes, and the
// reasons for which a scan is not handed over.
func noticeCodes(t *testing.T) []string {
	t.Helper()
	list := append(constants(t, "../../internal/till", "Code"), constants(t, "../../device/scan.go", "Reason")...)
	for _, known := range []string{till.CodeAlreadyUsed, till.CodeNotExpected, till.CodeNotStarted, till.CodeRepeated, string(device.ReasonFraming)} {
		if !slices.Contains(list, known) {
			t.Errorf("%s was not found in the source: the search looks in the wrong place", known)
		}
	}
	for _, e := range decode.Table() {
		if e.Code != decode.CodePayment {
			list = append(list, string(e.Code))
		}
	}
	return list
}

// warningCodes are those that the till lists, and those that stand as text wherever
// a warning is made.
func warningCodes(t *testing.T) []string {
	t.Helper()
	codes := map[string]bool{wire.WarningJournal: true}
	for _, c := range till.Warnings() {
		codes[string(c)] = true
	}
	written := 0
	inspect(t, func(_ string, n ast.Node) {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return
		}
		if sel, ok := lit.Type.(*ast.SelectorExpr); !ok || sel.Sel.Name != "Warning" {
			return
		}
		for _, e := range lit.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
				if code, ok := literal(kv.Value); ok {
					codes[code] = true
					written++
				}
			}
		}
	}, "../../internal", "../../cmd")
	if written < 2 {
		t.Errorf("%d warnings found in the source: the search looks in the wrong place", written)
	}
	return slices.Sorted(maps.Keys(codes))
}

func TestEveryNoticeWarningAndScannerStateHasWords(t *testing.T) {
	for _, lang := range others() {
		w := in(t, lang)
		var want []string
		for _, c := range noticeCodes(t) {
			want = append(want, cashier.NoticePrefix+c)
		}
		for _, c := range warningCodes(t) {
			want = append(want, cashier.WarningPrefix+c)
		}
		for _, s := range []device.State{device.StateReady, device.StateAbsent, device.StateNoPermission, device.StateBusy, device.StateFaulty} {
			want = append(want, cashier.ScannerPrefix+string(s))
		}
		for _, key := range want {
			if _, ok := w.told.Find(key); !ok {
				t.Errorf("%s: no words for %s", lang, key)
			}
		}
		for _, key := range w.told.Keys() {
			extra := strings.HasPrefix(key, cashier.NoticePrefix) || strings.HasPrefix(key, cashier.WarningPrefix) || strings.HasPrefix(key, cashier.ScannerPrefix)
			base := strings.TrimSuffix(strings.TrimSuffix(key, ".blocks_selling"), "."+wire.SubjectDamaged)
			if extra && !slices.Contains(want, base) {
				t.Errorf("%s: %s is the code of nothing", lang, key)
			}
		}
	}
}

func TestMessagesComeInTheWindowsLanguage(t *testing.T) {
	m := wire.Message{
		Code: "SOME_NEW_CODE", Key: "declined", Title: "Payment refused", Money: "Nothing was taken.",
		Detail: "Nothing was taken. Alipay says: Moon in the wrong house", Action: "Keep the goods. Offer another way to pay.", Say: "Sorry.",
	}
	for _, lang := range cashier.Langs() {
		got := in(t, lang).Message(m)
		want := cashier.In(lang, "declined")
		if lang == cashier.English { // the API's own words are the English ones
			want = cashier.Text{Title: m.Title, Money: m.Money, Action: m.Action, Say: m.Say}
		}
		want.Detail = "Moon in the wrong house"
		if got != want {
			t.Errorf("%s: %+v, want %+v", lang, got, want)
		}
	}
	m.Detail = m.Money
	if got := in(t, cashier.Korean).Message(m); got.Detail != "" {
		t.Errorf("detail %q, where the gateway said nothing", got.Detail)
	}
}

func TestAMessageWithoutATextStillHasWords(t *testing.T) {
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		if got, want := w.Message(wire.Message{Key: "reversing.brand_new"}), cashier.In(lang, "reversing"); got != want {
			t.Errorf("%s: %+v", lang, got)
		}
		if got, want := w.Message(wire.Message{}), cashier.In(lang, "attention"); got != want {
			t.Errorf("%s: %+v", lang, got)
		}
	}
}

func TestNoticesNameTimeAndSale(t *testing.T) {
	at := time.Date(2026, 11, 21, 14, 32, 0, 0, time.Local)
	n := wire.Notice{Code: "code_used", Title: "Code already used", Detail: "This code was used.", Action: "Ask.", UsedBy: "A-{time}", UsedAt: &at}
	for _, lang := range others() {
		got := in(t, lang).Notice(n)
		if !strings.Contains(got.Money, "14:32") || !strings.Contains(got.Money, "A-{time}") || got.Title == n.Title || got.Say != "" {
			t.Errorf("%s: %+v", lang, got)
		}
	}
	if got := in(t, cashier.Thai).Notice(wire.Notice{Code: "code_used"}); strings.Contains(got.Money, "{") || strings.Count(got.Money, unknown) != 2 {
		t.Errorf("%+v", got)
	}
	if got := in(t, cashier.English).Notice(n); got != (cashier.Text{Title: n.Title, Money: n.Detail, Action: n.Action}) {
		t.Errorf("%+v", got)
	}
}

// Nothing but the placeholders that are filled may stand in a text.
func TestNoBraceIsEverShown(t *testing.T) {
	at := time.Now()
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		for _, c := range noticeCodes(t) {
			got := w.Notice(wire.Notice{Code: c, UsedAt: &at, UsedBy: "S1"})
			if strings.ContainsAny(got.Title+got.Money+got.Action, "{}|") {
				t.Errorf("%s %s: %+v", lang, c, got)
			}
		}
		for _, c := range warningCodes(t) {
			for _, severity := range []string{"blocks_selling", "warning"} {
				got := w.Warning(wire.Warning{Code: c, Subject: "till-1", Severity: severity})
				if strings.ContainsAny(got.Title+got.Money+got.Action, "{}|") {
					t.Errorf("%s %s: %+v", lang, c, got)
				}
			}
		}
	}
}

func TestUnknownNoticesAndWarningsAreShownWholeInEnglish(t *testing.T) {
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		want := cashier.Text{Title: "T", Money: "D", Action: "A"}
		if got := w.Notice(wire.Notice{Code: "brand_new", Title: "T", Detail: "D", Action: "A"}); got != want {
			t.Errorf("%s: %+v", lang, got)
		}
		if got := w.Warning(wire.Warning{Code: "brand_new", Title: "T", Detail: "D", Remedy: "A"}); got != want {
			t.Errorf("%s: %+v", lang, got)
		}
	}
}

func TestWarningsFollowSubjectAndSeverity(t *testing.T) {
	w := in(t, cashier.SimplifiedChinese)
	low := w.Warning(wire.Warning{Code: "disk", Severity: "warning", Detail: "90 MB are left."})
	full := w.Warning(wire.Warning{Code: "disk", Severity: "blocks_selling"})
	damaged := w.Warning(wire.Warning{Code: wire.WarningJournal, Subject: wire.SubjectDamaged, Severity: "blocks_selling"})
	closed := w.Warning(wire.Warning{Code: wire.WarningJournal, Severity: "blocks_selling"})
	if low.Title == full.Title || damaged.Title == closed.Title || low.Detail != "90 MB are left." {
		t.Errorf("%+v\n%+v\n%+v\n%+v", low, full, damaged, closed)
	}
	if got := w.Warning(wire.Warning{Code: "scanner", Subject: "left"}); !strings.Contains(got.Money, "left") {
		t.Errorf("%+v", got)
	}
}

func TestScannersTellTheirStateAndWhatToDo(t *testing.T) {
	s := wire.Scanner{Name: "left", State: "no_permission", Advice: "Call store IT.", Hint: "udev rule"}
	for _, lang := range cashier.Langs() {
		got := in(t, lang).Scanner(s)
		if !strings.Contains(got.Money, "left") || got.Action == "" || got.Detail != "udev rule" || (lang != cashier.English) == (got.Action == s.Advice) {
			t.Errorf("%s: %+v", lang, got)
		}
	}
	s.State = "brand_new"
	if got := in(t, cashier.Thai).Scanner(s); got.Title != "Scanner: brand new" || got.Action != s.Advice {
		t.Errorf("%+v", got)
	}
}

func TestAScannerInTheWayIsToldByItsStateInEachLanguage(t *testing.T) {
	v := wire.Warning{Code: "scanner", Subject: "left", Title: "Scanner not ready", Detail: "Scanner left is absent.", Remedy: "Plug it in."}
	for _, lang := range cashier.Langs() {
		w := in(t, lang)
		got, general := w.ScannerWarning(v, wire.Scanner{Name: "left", State: "absent", Hint: "udev"}), w.Warning(v)
		switch {
		case lang == cashier.English && got != general:
			t.Errorf("English has the warning's own words, not %+v", got)
		case lang != cashier.English && (got.Title == general.Title || got.Detail != v.Detail || strings.Contains(got.Money, "{")):
			t.Errorf("%s: %+v says no more than %+v", lang, got, general)
		}
		if got := w.ScannerWarning(v, wire.Scanner{Name: "left", State: "brand new"}); got != w.Warning(v) {
			t.Errorf("%s: an unknown state has the warning's words, not %+v", lang, got)
		}
	}
}
