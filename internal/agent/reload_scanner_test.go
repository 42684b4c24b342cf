package agent

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"posagent/device/replay"
	"posagent/internal/audit"
	"posagent/internal/localapi/wire"
	"posagent/offline"
	"posagent/offline/sandbox"
)

// scan has a customer's code read by a scanner and wants the sale paid.
func (r *rig) scan(s *replay.Scanner, id string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, _, err := r.client.OpenSale(ctx, wire.NewSale{SaleID: id, Amount: wire.Money{Currency: "HKD", Value: 500}})
	must(r.t, err)
	must(r.t, s.Send("28"+strings.Repeat("7", 12)+id[len(id)-4:]))
	sale, err := r.client.Await(ctx, id, func(s wire.Sale) bool { return s.Final })
	if err != nil || sale.State != wire.Paid {
		r.t.Fatalf("sale %s is %s: %v", id, sale.State, err)
	}
}

func (r *rig) secondScanner() *replay.Scanner {
	s, err := replay.Open(filepath.Join(r.dir, "scanner2"))
	must(r.t, err)
	r.t.Cleanup(func() { must(r.t, s.Close()) })
	return s
}

func TestAScannerIsExchangedAndAddedWithoutARestart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.scan(r.scanner, "S-0001")
	second := r.secondScanner()
	r.dropIn("[[scanner]]\nname = \"table\"\ntype = \"serial\"\nport = \"" + second.Path() + "\"\n")
	r.reload(ResultApplied)
	if n := r.reconnects("counter"); n != 0 {
		t.Errorf("the scanner that did not change was opened %d times more", n)
	}
	r.await("the new scanner", func(s wire.Status) bool { return len(s.Scanners) == 2 && s.Scanners[1].State == "ready" })
	r.scan(second, "S-0002")
	r.scan(r.scanner, "S-0003")
	r.dropIn("[[scanner]]\nname = \"counter\"\nport = \"" + second.Path() + "\"\n")
	if rep := r.reload(ResultApplied); len(rep.Notes) != 0 {
		t.Errorf("notes %q", rep.Notes)
	}
	r.scan(second, "S-0004")
}

func (r *rig) reconnects(name string) uint64 {
	for _, h := range r.agent.scanners.Health() {
		if h.Name == name {
			return h.Counters.Reconnects
		}
	}
	r.t.Fatalf("no scanner %s", name)
	return 0
}

func TestANewScannerThatIsNotThereIsTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.dropIn("[policy]\nquery_limit = 7\n[[scanner]]\nname = \"counter\"\nport = \"" + filepath.Join(r.dir, "none") + "\"\n")
	rep := r.reload(ResultReturned)
	if rep.Generation != 3 || !strings.Contains(rep.Reasons[0], "scanner counter was ready and is not") {
		t.Errorf("%+v", rep)
	}
	if r.agent.engine.Policy().QueryLimit != 20 {
		t.Error("a part of it is still in force")
	}
	r.awaitReady()
	r.scan(r.scanner, "S-0001")
	s := r.await("the warning", func(s wire.Status) bool { return hasWarning(s, WarnConfiguration) })
	if c := s.Configuration; c.Generation != 3 || c.LastReload.Result != "returned" || c.Trial != nil {
		t.Errorf("%+v", c)
	}
	trail := r.trail()
	if len(trail) != 2 || trail[0].Action != audit.Reload || trail[1].Action != audit.ConfigReturn || trail[1].Error == "" {
		t.Errorf("the trail has %+v", trail)
	}
	if !strings.Contains(r.log.String(), "the configuration in the files is not in force") {
		t.Error("the log does not say so")
	}
	r.remove("posagent.d/50.toml")
	r.reload(ResultUnchanged)
	r.await("the warning to go", func(s wire.Status) bool { return !hasWarning(s, WarnConfiguration) })
}

func TestASecondScannerThatIsNotThereYetIsNoReasonToGoBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.dropIn("[[scanner]]\nname = \"table\"\ntype = \"serial\"\nport = \"" + filepath.Join(r.dir, "none") + "\"\n")
	if rep := r.reload(ResultApplied); len(rep.Notes) != 1 || !strings.Contains(rep.Notes[0], "scanner table is not ready") {
		t.Errorf("notes %q", rep.Notes)
	}
	r.scan(r.scanner, "S-0001")
	r.dropIn("[[scanner]]\nname = \"counter\"\nenabled = false\n")
	r.reload(ResultApplied)
	r.sell()
}

// The gateway answered when it was asked about nothing, and refuses the first
// customer: the trial ends with a return.
func TestAGatewayThatRefusesTheFirstCustomerIsTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	other, address := r.serveGateway(r.keys(0, "keys"), "CLIENT-1", "MERCHANT-1")
	r.dropIn("[gateway]\nbase_url = \"http://" + address + "/api/alipay/intl/acquiring/\"\n")
	r.reload(ResultApplied)
	other.Script(sandbox.Next, sandbox.Scenario{Pay: []sandbox.Step{{Effect: sandbox.EffectDecline, Code: "INVALID_SIGNATURE"}}})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r.openWith(ctx, "G-1", 700)
	if _, err := r.client.Await(ctx, "G-1", func(s wire.Sale) bool { return s.Final }); err != nil {
		t.Fatal(err)
	}
	s := r.await("the return", func(s wire.Status) bool { return s.Configuration.Generation == 3 && s.Till.Ready })
	if l := s.Configuration.LastReload; l.Result != "returned" || l.Trigger != "return" {
		t.Errorf("%+v", l)
	}
	before := len(other.Calls())
	r.sell()
	if len(other.Calls()) != before {
		t.Error("the sale went to the gateway that was taken back")
	}
	if e := r.trail(); e[len(e)-1].Action != audit.ConfigReturn {
		t.Errorf("the trail ends with %+v", e[len(e)-1])
	}
}

// Going back would ask the old merchant about a payment of the new one.
func TestAnotherMerchantIsNotTakenBackWhileItsPaymentsAreOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	other, address := r.serveGateway(r.keys(0, "keys"), "CLIENT-2", "MERCHANT-2")
	r.dropIn("[gateway]\nbase_url = \"http://" + address + "/api/alipay/intl/acquiring/\"\nclient_id = \"CLIENT-2\"\nmerchant_id = \"MERCHANT-2\"\n")
	r.reload(ResultApplied)
	lost := []sandbox.Step{{Fault: sandbox.FaultDrop, Repeat: true}}
	other.Script(sandbox.Next, sandbox.Scenario{Pay: lost, Query: lost, Cancel: lost})
	r.openWith(context.Background(), "O-1", 700)
	r.await("the sale to need a person", func(s wire.Status) bool { return s.Backlog.AttentionCount == 1 })
	r.agent.till.RecordAttempt(offline.OpPay, offline.Outcome{Kind: offline.Failure, Class: offline.ClassSetup}, 0)
	s := r.await("the warning", func(s wire.Status) bool { return hasWarning(s, WarnConfiguration) })
	if c := s.Configuration; c.Generation != 2 || !strings.Contains(strings.Join(c.LastReload.Reasons, " "), "O-1 among them") {
		t.Errorf("%+v", c)
	}
	if trail := r.trail(); trail[len(trail)-1].Result != audit.Failed {
		t.Errorf("the trail ends with %+v", trail[len(trail)-1])
	}
}

func TestAMessageUnderWayEndsOnTheClientThatSignedIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.gateway.Script(sandbox.Next, sandbox.Scenario{Pay: []sandbox.Step{{Fault: sandbox.FaultDrop}}, Query: []sandbox.Step{{Delay: 1500e6}}})
	r.put("posagent.d/40.toml", "[policy]\nquery_timeout = \"5s\"\nquery_limit = 3\n")
	r.reload(ResultApplied)
	old := r.agent.client()
	r.openWith(context.Background(), "M-1", 700)
	if _, err := r.client.Cancel(context.Background(), "M-1", "Ann"); err != nil { // it goes on in the background
		t.Log(err)
	}
	r.await("the sale to leave the foreground", func(s wire.Status) bool { return s.Till.Foreground == "" })
	r.dropIn("[terminal]\nstore_name = \"Harbour\"\n")
	r.reload(ResultApplied)
	if r.agent.client() == old {
		t.Fatal("the client was not replaced")
	}
	must(t, r.agent.gateway.sweep(r.agent.now().taken.At, nil)) // nobody's minute is over
	r.await("the sale to settle", func(s wire.Status) bool { return s.Backlog.Unsettled == 0 })
	r.wantBooks()
	if _, err := r.agent.client().Prepare(offline.Request{Op: offline.OpQuery, ReqMsgID: "m", MerchantTransID: "t"}); err != nil {
		t.Error(err)
	}
}
