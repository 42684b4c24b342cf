package words

import (
	"strings"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
)

// says stands in Message.Detail between the cashier's words and the gateway's own.
const says = " Alipay says: "

// Message is what the cashier is told about a sale or refund, by its key. Detail is
// the gateway's own text, in whatever language that is, where the key has no words
// of its own for it.
func (w *Words) Message(m wire.Message) cashier.Text {
	t := w.told.Words(m.Key)
	if w.lang == cashier.English && m.Title != "" {
		t = cashier.Text{Title: m.Title, Money: m.Money, Action: m.Action, Say: m.Say}
	}
	if rest, ok := strings.CutPrefix(m.Detail, m.Money); ok {
		t.Detail, _ = strings.CutPrefix(rest, says)
	}
	return t
}

// unknown stands for a part that the API did not tell.
const unknown = "–"

// Notice is what the cashier is told about a scan that was not used, by its code:
// Title, what happened as Money, what to do as Action.
func (w *Words) Notice(n wire.Notice) cashier.Text {
	t, ok := w.told.Find(cashier.NoticePrefix + n.Code)
	if !ok {
		return cashier.Text{Title: n.Title, Money: n.Detail, Action: n.Action}
	}
	clock, sale := unknown, unknown
	if n.UsedAt != nil {
		clock = w.Clock(n.UsedAt.In(time.Local))
	}
	if n.UsedBy != "" {
		sale = n.UsedBy
	}
	return filled(t, "{time}", clock, "{sale}", sale)
}

// Warning is what stands in the way, by its code: Title, what is wrong as Money, the
// remedy as Action. Detail is the API's English text for store IT, which names
// files, numbers of sales and causes; in English it is Money already.
func (w *Words) Warning(v wire.Warning) cashier.Text {
	key := cashier.WarningPrefix + v.Code
	for _, k := range []string{key + "." + v.Subject, key + "." + v.Severity, key} {
		if t, ok := w.told.Find(k); ok {
			t.Detail = v.Detail
			return filled(t, "{subject}", v.Subject)
		}
	}
	return cashier.Text{Title: v.Title, Money: v.Detail, Action: v.Remedy}
}

// ScannerWarning is what is the matter with a scanner that stands in the way: by its
// state, which says more than the warning's code. A state without words of its own, and
// English, have those of the warning.
func (w *Words) ScannerWarning(v wire.Warning, s wire.Scanner) cashier.Text {
	if _, ok := w.told.Find(cashier.ScannerPrefix + s.State); !ok {
		return w.Warning(v)
	}
	t := w.Scanner(s)
	t.Detail = v.Detail
	return t
}

// Scanner is how a scanner is doing, by its state: Title, what is the matter as
// Money, what the cashier can do as Action. Detail is the advice for store IT, in
// English.
func (w *Words) Scanner(s wire.Scanner) cashier.Text {
	t, ok := w.told.Find(cashier.ScannerPrefix + s.State)
	if !ok {
		state := strings.ReplaceAll(s.State, "_", " ")
		t = cashier.Text{Title: "Scanner: " + state, Money: "Scanner " + s.Name + " is " + state + ".", Action: s.Advice}
	}
	t.Detail = s.Hint
	return filled(t, "{subject}", s.Name)
}

// filled puts values where a text has their names, once: a value that looks like a
// name stays as it is.
func filled(t cashier.Text, pairs ...string) cashier.Text {
	r := strings.NewReplacer(pairs...)
	t.Title, t.Money, t.Action = r.Replace(t.Title), r.Replace(t.Money), r.Replace(t.Action)
	return t
}
