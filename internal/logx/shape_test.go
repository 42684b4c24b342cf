package logx

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// oneSale logs what a sale logs, in its ways.
func oneSale(log *slog.Logger) {
	log = log.With("sale", "R-1")
	log.Info("payment: paying -> paid", "action", ActionPayment, "payment", "S01-T03-1", "from", "paying", "to", "paid",
		"op", "pay", "outcome", "success", "result_code", "SUCCESS", "took", 1500*time.Microsecond, "sent_ms", 12.5)
	log.Warn("a scan was not used", slog.Group("scan", "source", "front", "length", 13), "error", errors.New("no code"), "new Field", true)
}

func TestJSONHasTheNamesOfTheElasticCommonSchema(t *testing.T) {
	var out bytes.Buffer
	l := open(t, Options{Format: FormatJSON, Stderr: &out, Service: Service{Version: "1.2.3", Node: "S01/T03", Host: "till", PID: 7}})
	oneSale(l.Logger())
	finish(t, l)
	text := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(text) != 2 {
		t.Fatalf("%d lines:\n%s", len(text), out.String())
	}
	// The schema's logging specification: these three first, in this order.
	if !regexp.MustCompile(`^\{"@timestamp":"[^"]+Z","log.level":"info","message":"payment: paying -> paid","ecs.version":`).MatchString(text[0]) {
		t.Errorf("the line begins with other names: %s", text[0])
	}
	wants := []map[string]any{{
		"log.level": "info", "message": "payment: paying -> paid", "ecs.version": ecsVersion,
		"service.name": "posagent", "service.version": "1.2.3", "service.node.name": "S01/T03", "host.name": "till", "process.pid": 7.0,
		"event.action": "payment", "event.outcome": "success", "posagent.sale.id": "R-1", "posagent.payment.id": "S01-T03-1",
		"posagent.transition.from": "paying", "posagent.transition.to": "paid", "posagent.message.op": "pay",
		"posagent.message.outcome": "success", "posagent.message.result_code": "SUCCESS", "posagent.took": "1.5ms", "posagent.step.sent_ms": 12.5,
	}, {
		"log.level": "warn", "error.message": "no code", "posagent.scan.source": "front", "posagent.scan.length": 13.0, "posagent.new_field": true,
	}}
	for i, want := range wants {
		var got map[string]any
		if err := json.Unmarshal([]byte(text[i]), &got); err != nil {
			t.Fatal(err)
		}
		for name, value := range want {
			if got[name] != value {
				t.Errorf("line %d: %s is %v, want %v", i, name, got[name], value)
			}
		}
		if at, err := time.Parse(time.RFC3339Nano, got["@timestamp"].(string)); err != nil || at.Location() != time.UTC {
			t.Errorf("@timestamp %v: %v", got["@timestamp"], err)
		}
	}
}

func TestAllFormatsHaveTheSameFields(t *testing.T) {
	keys := func(format Format) []string {
		var out bytes.Buffer
		system := &written{}
		l := open(t, Options{Format: format, Stderr: &out, sink: system})
		oneSale(l.Logger())
		finish(t, l)
		var list []string
		switch format {
		case FormatText:
			for _, m := range regexp.MustCompile(` ("?[a-z][A-Za-z0-9_. ]*"?)=`).FindAllStringSubmatch(strings.ReplaceAll(out.String(), "new Field", "new_field"), -1) {
				key := strings.Trim(m[1], `"`)
				if f, known := fieldIndex()[key]; known {
					list = append(list, JournalName(f.ECS))
				} else if key != "level" && key != "msg" {
					list = append(list, JournalName(ecsName(key)))
				}
			}
			list = append(list, "EVENT_OUTCOME") // follows from the message's outcome
		case FormatJSON:
			for line := range strings.Lines(out.String()) {
				var got map[string]any
				if err := json.Unmarshal([]byte(line), &got); err != nil {
					t.Fatal(err)
				}
				for name := range got {
					if !slices.Contains([]string{"@timestamp", "log.level", "message", "ecs.version", "service.name"}, name) {
						list = append(list, JournalName(name))
					}
				}
			}
		case FormatJournald, FormatEventLog:
			for _, e := range system.events {
				for name := range e.fields {
					if name != "SYSLOG_IDENTIFIER" {
						list = append(list, name)
					}
				}
			}
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	want := keys(FormatJSON)
	for _, format := range []Format{FormatText, FormatJournald, FormatEventLog} {
		if got := keys(format); !slices.Equal(got, want) {
			t.Errorf("%s has the fields\n%v, and JSON\n%v", format, got, want)
		}
	}
}

func TestTheSystemsLogGetsASentenceFieldsAndAnEventID(t *testing.T) {
	system := &written{}
	l := open(t, Options{Format: FormatEventLog, Level: "debug", Stderr: &page{}, sink: system, Service: Service{Version: "1.2.3", Node: "S01/T03"}})
	oneSale(l.Logger())
	l.Logger().Debug("quiet")
	l.Logger().Error("loud", "error", "two\nlines")
	finish(t, l)
	if len(system.events) != 4 {
		t.Fatalf("%d events", len(system.events))
	}
	paid := system.events[0]
	if paid.id != 201 || !strings.HasPrefix(paid.text, "payment: paying -> paid: sale=R-1 action=payment payment=S01-T03-1 ") {
		t.Errorf("%d %q", paid.id, paid.text)
	}
	for name, want := range map[string]string{
		"POSAGENT_SALE_ID": "R-1", "EVENT_ACTION": "payment", "EVENT_OUTCOME": "success", "SYSLOG_IDENTIFIER": "posagent",
		"SERVICE_VERSION": "1.2.3", "SERVICE_NODE_NAME": "S01/T03", "POSAGENT_STEP_SENT_MS": "12.5",
	} {
		if paid.fields[name] != want {
			t.Errorf("%s is %q, want %q", name, paid.fields[name], want)
		}
	}
	for i, want := range []uint32{201, 901, 900, 902} {
		if system.events[i].id != want {
			t.Errorf("event %d has the id %d, want %d", i, system.events[i].id, want)
		}
	}
	text := eventText(&system.events[3])
	if !strings.HasPrefix(text, "loud: error=\"two\\nlines\"\r\n\r\nERROR_MESSAGE=two\\nlines\r\n") {
		t.Errorf("text of a Windows event: %q", text)
	}
	system.fail = errors.New("gone")
}

func TestATextForWindowsIsCutBetweenCharacters(t *testing.T) {
	long := eventText(&event{text: strings.Repeat("a😀", 20_000)})
	units := 0
	for _, r := range long {
		units += max(1, len(string(r))/2)
	}
	if units > eventLimit || units < eventLimit-2 || !strings.HasSuffix(long, "a") && !strings.HasSuffix(long, "😀") {
		t.Errorf("%d units, ends with %q", units, long[len(long)-4:])
	}
	if got := eventText(&event{text: "a\x00b"}); strings.Contains(got, "\x00") {
		t.Errorf("a zero byte is left: %q", got)
	}
}

func TestWhatTheSystemsLogDoesNotTakeGoesToStandardError(t *testing.T) {
	var out bytes.Buffer
	l := open(t, Options{Format: FormatJournald, Stderr: &out, sink: &written{fail: errors.New("no socket")}})
	l.Logger().Warn("the disk is full", "code", code)
	finish(t, l)
	if got := out.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "the disk is full") || strings.Contains(got, code) {
		t.Errorf("standard error: %s", got)
	}
	if n := l.Stats().Redirected; n != 1 {
		t.Errorf("%d counted", n)
	}
}

func TestASystemsLogHasNoFile(t *testing.T) {
	for _, format := range []Format{FormatJournald, FormatEventLog} {
		if _, err := New(Options{Format: format, File: "posagent.log", sink: &written{}}); !errors.Is(err, ErrOptions) {
			t.Errorf("%s into a file: %v", format, err)
		}
	}
}

func TestNamesAreUniqueAndSoAreEventIDs(t *testing.T) {
	keys, schema, ids := map[string]bool{}, map[string]string{}, map[uint32]bool{}
	for _, f := range Fields() {
		switch {
		case f.Key == slog.TimeKey || f.Key == slog.LevelKey || f.Key == slog.MessageKey:
			t.Errorf("%s is one of slog's own", f.Key)
		case keys[f.Key]:
			t.Errorf("%s stands there twice", f.Key)
		case schema[f.ECS] != "":
			t.Errorf("%s and %s are both %s", f.Key, schema[f.ECS], f.ECS)
		case f.About == "":
			t.Errorf("%s is not explained", f.Key)
		case !regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`).MatchString(JournalName(f.ECS)):
			t.Errorf("%s is no name for the journal", JournalName(f.ECS))
		}
		keys[f.Key], schema[f.ECS] = true, f.Key
	}
	for _, a := range Actions() {
		if ids[a.EventID] || a.EventID < 1 || a.EventID > 1000 {
			t.Errorf("%s has the event id %d", a.Action, a.EventID)
		}
		ids[a.EventID] = true
	}
	if len(EventIDs()) != len(Actions())+4 {
		t.Error("an event id is used twice")
	}
}

type broken struct{ _ *int }

func (b *broken) Error() string { panic("broken") }

func TestAnErrorThatPanicsIsALineToo(t *testing.T) {
	var out bytes.Buffer
	l := open(t, Options{Stderr: &out})
	l.Logger().Info("x", "error", error((*broken)(nil)))
	finish(t, l)
	if !strings.Contains(out.String(), "cannot be printed") {
		t.Errorf("%s", out.String())
	}
}
