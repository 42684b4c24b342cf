package localapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"posagent/device"
	"posagent/internal/localapi"
	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// ear is one client of the event stream.
type ear struct {
	b      *bench
	resp   *http.Response
	cancel context.CancelFunc
	events chan event
}

type event struct {
	name, id string
	data     []byte
}

// listen opens the stream, after an event where one is named, and reads it in
// the background. Every event is held against the document.
func (b *bench) listen(after string) *ear {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	req := b.request("GET", "/v1/events", "").WithContext(ctx)
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		b.t.Fatalf("HTTP %d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	e := &ear{b: b, resp: resp, cancel: cancel, events: make(chan event, 1000)}
	go e.read()
	return e
}

func (e *ear) read() {
	defer close(e.events)
	lines := bufio.NewScanner(e.resp.Body)
	lines.Buffer(nil, 16<<20)
	var ev event
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "event":
			ev.name = value
		case "id":
			ev.id = value
		case "data":
			ev.data = []byte(value)
		case ":":
			e.events <- event{name: "beat"}
		case "":
			if ev.name != "" {
				e.events <- ev
			}
			ev = event{}
		default:
			e.b.t.Errorf("a line %q", lines.Text())
		}
	}
}

// next returns the next event, and wants it to be of a kind.
func (e *ear) next(want string) event {
	e.b.t.Helper()
	select {
	case ev, ok := <-e.events:
		if !ok {
			e.b.t.Fatalf("the stream ended; want %s", want)
		}
		if ev.name != want {
			e.b.t.Fatalf("event %s, want %s: %s", ev.name, want, ev.data)
		}
		if ref := e.b.checks.paths["/v1/events"]["GET"].Responses["200"].Events[ev.name].Ref; ev.name != "beat" {
			e.b.checks.check(e.b.t, ref, ev.data)
		}
		return ev
	case <-time.After(time.Minute):
		e.b.t.Fatalf("no event within a minute; want %s", want)
	}
	return event{}
}

// all returns what has come so far of a kind.
func (e *ear) all(kind string) []event {
	synctest.Wait()
	var out []event
	for {
		select {
		case ev, ok := <-e.events:
			if !ok {
				return out
			}
			if ev.name == kind {
				out = append(out, ev)
			}
		default:
			return out
		}
	}
}

func (e *ear) leave() {
	e.cancel()
	_ = e.resp.Body.Close() // given up
	synctest.Wait()
}

func saleIn(t *testing.T, ev event) wire.Sale {
	t.Helper()
	var s wire.Sale
	if err := json.Unmarshal(ev.data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func number(t *testing.T, id string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheStreamBeginsWithTheWholePictureAndTellsEveryChange(t *testing.T) {
	run(t, func(b *bench) {
		b.attention("B", otherCode)
		b.call("POST", "/v1/sales", openA)
		e := b.listen("")
		defer e.leave()
		first := e.next(wire.EventSnapshot)
		var p wire.Picture
		if err := json.Unmarshal(first.data, &p); err != nil {
			t.Fatal(err)
		}
		if p.Foreground == nil || p.Foreground.SaleID != "A" || len(p.Unsettled) != 1 || p.Unsettled[0].SaleID != "B" || p.Status.Till.Foreground != "A" {
			t.Errorf("%+v", p)
		}
		if last, _ := b.journal.LastEvent(); first.id != fmt.Sprint(last) {
			t.Errorf("id %q, want %d", first.id, last)
		}
		b.gateway.Expect(offline.OpPay, success())
		b.call("POST", "/v1/sales/A/code", `{"code":"`+goodCode+`"}`)
		synctest.Wait()
		var states []string
		seen := number(t, first.id)
		for _, ev := range e.all(wire.EventSale) {
			states = append(states, string(saleIn(t, ev).State))
			id := number(t, ev.id)
			if id <= seen {
				t.Errorf("id %d after %d", id, seen)
			}
			seen = id
		}
		if got := strings.Join(states, " "); got != "processing paid" {
			t.Errorf("states %s", got)
		}
	})
}

func TestStatusAndNoticesAreToldWhenTheyChange(t *testing.T) {
	run(t, func(b *bench) {
		e := b.listen("")
		defer e.leave()
		e.next(wire.EventSnapshot)
		b.call("POST", "/v1/sales", openA)
		if got := e.all(wire.EventStatus); len(got) != 1 || !strings.Contains(string(got[0].data), `"foreground":"A"`) {
			t.Errorf("%d status events %s", len(got), got)
		}
		b.till.Refused(device.Refused{Reason: device.ReasonFraming, Source: "counter", At: time.Now()})
		notices := e.all(wire.EventNotice)
		if len(notices) != 1 || !strings.Contains(string(notices[0].data), `"code":"framing"`) {
			t.Fatalf("notices %s", notices)
		}
		b.checks.check(t, "#/components/schemas/Notice", notices[0].data)
		if notices[0].id != "" {
			t.Error("a notice has an id: resuming after it would skip sales")
		}
		pass(10 * time.Second)
		if got := e.all(wire.EventStatus); len(got) != 0 {
			t.Errorf("%d status events while nothing changed", len(got))
		}
	})
}

func TestTheStreamGivesASignOfLife(t *testing.T) {
	run(t, func(b *bench) {
		e := b.listen("")
		defer e.leave()
		e.next(wire.EventSnapshot)
		if d := took(func() { e.next("beat") }); d != 15*time.Second {
			t.Errorf("after %s, want 15 s", d)
		}
	})
}

func TestAfterAnInterruptionEverySaleThatChangedIsTold(t *testing.T) {
	run(t, func(b *bench) {
		e := b.listen("")
		id := e.next(wire.EventSnapshot).id
		e.leave()
		for i := range 5 {
			b.paid(fmt.Sprintf("R-%d", i), fmt.Sprintf("28%016d", i))
		}
		b.restart() // the interruption was a restart of the daemon
		again := b.listen(id)
		defer again.leave()
		if ev := again.next(wire.EventSnapshot); ev.id != "" {
			t.Errorf("the picture has id %q before what was missed was told", ev.id)
		}
		var told []string
		events := again.all(wire.EventSale)
		for _, ev := range events {
			s := saleIn(t, ev)
			told = append(told, s.SaleID+" "+string(s.State))
		}
		if got := strings.Join(told, ", "); got != "R-0 paid, R-1 paid, R-2 paid, R-3 paid, R-4 paid" {
			t.Errorf("told %s", got)
		}
		if last, _ := b.journal.LastEvent(); events[len(events)-1].id != fmt.Sprint(last) {
			t.Errorf("the last id is %s, want %d", events[len(events)-1].id, last)
		}
	})
}

func TestAnIdBeyondTheJournalIsAFreshStart(t *testing.T) {
	run(t, func(b *bench) {
		b.paid("A", goodCode)
		e := b.listen("999999")
		defer e.leave()
		ev := e.next(wire.EventSnapshot)
		if last, _ := b.journal.LastEvent(); ev.id != fmt.Sprint(last) {
			t.Errorf("id %q, want %d", ev.id, last)
		}
		req := b.request("GET", "/v1/events", "")
		req.Header.Set("Last-Event-ID", "abc")
		b.wantProblem(b.send(req), 400, wire.CodeInvalidRequest)
	})
}

func TestTooManyStreamsAreRefusedAndAVanishedClientFreesIts(t *testing.T) {
	runWith(t, localapi.Limits{Streams: 2}, func(b *bench) {
		one, two := b.listen(""), b.listen("")
		a := b.call("GET", "/v1/events", "")
		b.wantProblem(a, 503, wire.CodeTooManyClients)
		if a.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		one.leave()
		b.listen("").leave()
		two.leave()
	})
}

func TestAClientThatTakesNothingIsDroppedAndHoldsUpNobody(t *testing.T) {
	run(t, func(b *bench) {
		b.gateway.Always(offline.OpPay, success())
		conn, err := b.socket.dial(b.t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil { // then nothing more
			t.Fatal(err)
		}
		for i := range 300 { // more than a subscription holds
			begun := time.Now()
			n := offline.NewSale{ID: offline.SaleID(fmt.Sprintf("R-%d", i)), Amount: offline.Money{Currency: "HKD", Value: 1}, Code: identity(t, fmt.Sprintf("28%016d", i))}
			if _, _, err := b.engine.OpenSale(n); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(begun); d != 0 {
				t.Fatalf("a sale was held up for %s", d)
			}
		}
		pass(11 * time.Second)
		rest, err := io.ReadAll(conn)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("the connection was not closed: %v after %d bytes", err, len(rest))
		}
		_ = conn.Close() // the other side is gone
	})
}

func TestASlowClientCatchesUpThroughTheJournal(t *testing.T) {
	runWith(t, localapi.Limits{Write: time.Hour}, func(b *bench) {
		b.gateway.Always(offline.OpPay, success())
		resp, err := b.client.Do(b.request("GET", "/v1/events", ""))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		const sales = 400
		for i := range sales { // nothing is read meanwhile: the stream falls behind
			n := offline.NewSale{ID: offline.SaleID(fmt.Sprintf("R-%d", i)), Amount: offline.Money{Currency: "HKD", Value: 1}, Code: identity(t, fmt.Sprintf("28%016d", i))}
			if _, _, err := b.engine.OpenSale(n); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		e := &ear{b: b, resp: resp, cancel: func() {}, events: make(chan event, 5000)}
		go e.read()
		paid := map[string]bool{}
		for _, ev := range e.all(wire.EventSale) {
			if s := saleIn(t, ev); s.State == wire.Paid {
				paid[s.SaleID] = true
			}
		}
		if len(paid) != sales {
			t.Errorf("%d of %d sales were told", len(paid), sales)
		}
		e.leave()
	})
}

func TestAStopEndsStreamsAtOnce(t *testing.T) {
	run(t, func(b *bench) {
		e := b.listen("")
		e.next(wire.EventSnapshot)
		if d := took(b.stop); d > time.Second {
			t.Errorf("the stop took %s", d)
		}
		if _, open := <-e.events; open {
			t.Error("the stream goes on")
		}
		e.leave()
	})
}
