package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/internal/audit"
	"posagent/internal/health"
	"posagent/internal/localapi/wire"
	"posagent/offline/sandbox"
)

func TestAChangedConfigurationIsTakenWithoutARestart(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.sell()
	if rep := r.reload(ResultUnchanged); rep.Generation != 1 || len(rep.Changes) != 0 {
		t.Errorf("%+v", rep)
	}
	old := r.agent.client()
	r.dropIn("[terminal]\nstore_name = \"Harbour\"\n[policy]\nquery_limit = 7\n[supervisor]\ncancel = true\n[receipt]\nwidth = 32\n[journal]\nretention = \"500d\"\n")
	rep := r.reload(ResultApplied)
	if rep.Generation != 2 || rep.By != "uid 0 (root)" || rep.Trial.IsZero() || len(rep.Changes) != 5 {
		t.Errorf("%+v", rep)
	}
	a := r.agent
	if a.engine.Policy().QueryLimit != 7 || a.cfg().Terminal.StoreName != "Harbour" || !a.now().settings.Needs.Cancel ||
		a.now().settings.Receipts.Width != 32 || a.now().settings.Receipts.Shop.StoreName != "Harbour" {
		t.Error("something of it is not in force")
	}
	if a.client() == old {
		t.Error("the gateway is still told the old name of the shop")
	}
	r.sell()
	status := r.await("the report", func(s wire.Status) bool { return s.Configuration.LastReload != nil })
	c := status.Configuration
	if c.Generation != 2 || c.LastReload.Result != "applied" || c.Trial == nil || !slices.Contains(c.LastReload.Changed, "policy.query_limit") {
		t.Errorf("%+v", c)
	}
	r.wantBooks()
}

func TestTheTrailHasEachChangedKeyWithItsPlaceAndItsFilesOwner(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.put("posagent.toml", strings.Replace(r.read("posagent.toml"), "timeout = \"2s\"", "timeout = \"2s\"\nproxy_url = \"\"", 1))
	r.start()
	r.dropIn("[policy]\nquery_limit = 7\nrefund_retries = 3\n")
	r.reload(ResultApplied)
	e := r.trail()[0]
	if e.Actor != "uid 0 (root)" || e.Role != "operate" || e.Via != "socket" || e.Action != audit.Reload || e.Result != audit.Done || len(e.Detail) != 2 {
		t.Fatalf("%+v", e)
	}
	text := e.Detail["policy.query_limit"]
	for _, want := range []string{"20 -> 7 (", "50.toml:2", ", of ", ", written "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}

func TestAChangeThatNeedsARestartIsNotTakenAtAll(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.dropIn("[policy]\nquery_limit = 7\n[journal]\npath = \"other.db\"\n")
	rep := r.reload(ResultRefused)
	if !slices.Equal(rep.NeedsRestart, []string{"journal.path"}) || !strings.Contains(rep.Reasons[0], "50.toml:4") {
		t.Errorf("%+v", rep)
	}
	if r.agent.engine.Policy().QueryLimit != 20 || r.agent.now().number != 1 {
		t.Error("a part of it was taken")
	}
	r.await("the word that a restart is needed", func(s wire.Status) bool { return hasWarning(s, WarnRestart) && s.Till.Ready })
	r.remove("posagent.d/50.toml")
	r.reload(ResultUnchanged)
	r.await("the word to go", func(s wire.Status) bool { return !hasWarning(s, WarnRestart) })
	r.sell()
}

func TestWhatIsWrongIsRefusedAndTheTillSellsOn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(r *rig)
		reason string
	}{
		"a drop-in that is no TOML":    {func(r *rig) { r.dropIn("[policy\n") }, "50.toml:1"},
		"an unknown key":               {func(r *rig) { r.dropIn("[policy]\nquery_limt = 3\n") }, "did you mean query_limit?"},
		"a value out of range":         {func(r *rig) { r.dropIn("[policy]\ncancel_retries = 9\n") }, "out of range"},
		"a key that is not there":      {func(r *rig) { r.dropIn("[gateway]\nprivate_key_file = \"none.pem\"\n") }, "does not exist"},
		"a key that is no key":         {func(r *rig) { r.put("bad.pem", "x"); r.dropIn("[gateway]\nprivate_key_file = \"../bad.pem\"\n") }, "private_key_file"},
		"a key that others can read":   {func(r *rig) { r.open("keys/terminal_private.pem") }, "chmod 0600"},
		"a font that is no font":       {func(r *rig) { r.put("x.ttf", "x"); r.dropIn("[receipt]\nfont_file = \"../x.ttf\"\n") }, "is not a font"},
		"a scanner of an unknown type": {func(r *rig) { r.dropIn("[[scanner]]\nname = \"counter\"\ntype = \"laser\"\n") }, "not known here"},
		"the gateway's old public key": {func(r *rig) {
			r.otherKeys("keys2")
			r.dropIn("[gateway]\nalipay_public_key_file = \"../keys2/alipay_public.pem\"\n")
		}, "no answer that can be believed"},
		"a key that the gateway does not know": {func(r *rig) {
			r.otherKeys("keys2")
			r.dropIn("[gateway]\nprivate_key_file = \"../keys2/terminal_private.pem\"\n")
		}, ""},
		"another merchant's client id": {func(r *rig) { r.dropIn("[gateway]\nclient_id = \"CLIENT-2\"\n") }, ""},
		"a gateway that is not there":  {func(r *rig) { r.dropIn("[gateway]\nbase_url = \"http://127.0.0.1:1/\"\n") }, "with force"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.start()
			row.change(r)
			rep := r.reload(ResultRefused)
			if all := strings.Join(rep.Reasons, "; "); !strings.Contains(all, row.reason) || all == "" {
				t.Errorf("refused for %q, want %q", all, row.reason)
			}
			if rep.Generation != 1 {
				t.Errorf("generation %d", rep.Generation)
			}
			r.sell()
			s := r.await("the warning", func(s wire.Status) bool { return hasWarning(s, WarnConfiguration) })
			if !s.Till.Ready {
				t.Error("the till does not sell")
			}
			if e := r.trail()[0]; e.Result != audit.Refused || e.Error == "" {
				t.Errorf("the trail has %+v", e)
			}
		})
	}
}

func TestANewKeyIsProvenByARoundTripBeforeItIsTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	before := len(r.gateway.Calls())
	keys := r.otherKeys("keys2")
	other, address := r.serveGateway(keys, "CLIENT-1", "MERCHANT-1")
	r.dropIn("[gateway]\nbase_url = \"http://" + address + "/api/alipay/intl/acquiring/\"\nprivate_key_file = \"../keys2/terminal_private.pem\"\nalipay_public_key_file = \"../keys2/alipay_public.pem\"\n")
	r.reload(ResultApplied)
	if n := len(other.Calls()); n != 1 {
		t.Errorf("%d messages to prove the keys", n)
	}
	r.sell()
	if len(r.gateway.Calls()) != before || len(other.Calls()) < 2 {
		t.Error("the sale went to the old gateway")
	}
}

func TestWhatCannotBeProvenIsTakenByForceAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.dropIn("[gateway]\nbase_url = \"http://127.0.0.1:1/\"\n")
	r.reload(ResultRefused)
	rep := r.reloadBy(Ask{Force: true}, ResultApplied)
	if len(rep.Notes) != 1 || !strings.Contains(rep.Notes[0], "not proven") {
		t.Errorf("notes %q", rep.Notes)
	}
	r.remove("posagent.d/50.toml")
	r.reload(ResultApplied)
	r.sell()
}

func TestAReloadWaitsForTheSaleInTheForeground(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	ctx := context.Background()
	_, _, err := r.client.OpenSale(ctx, wire.NewSale{SaleID: "W-1", Amount: wire.Money{Currency: "HKD", Value: 500}})
	must(t, err)
	r.dropIn("[policy]\nquery_limit = 7\n")
	r.hangup <- os.Interrupt // any signal: what it means was decided outside
	r.await("the till to be held", func(wire.Status) bool { return r.agent.till.Snapshot().Held })
	if r.agent.now().number != 1 {
		t.Error("it was taken with a customer at the till")
	}
	if _, err := r.client.SubmitCode(ctx, "W-1", "281234567890123456"); err != nil {
		t.Error(err)
	}
	r.await("the reload", func(s wire.Status) bool { return s.Configuration.Generation == 2 })
	if e := r.trail()[0]; e.Actor != "SIGHUP" || e.Via != "signal" {
		t.Errorf("the trail has %+v", e)
	}
	r.sell()
}

func TestAnotherMerchantIsRefusedWhilePaymentsAreOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	other, address := r.serveGateway(r.keys(0, "keys"), "CLIENT-2", "MERCHANT-2")
	r.put("posagent.toml", strings.Replace(r.read("posagent.toml"), "[journal]", "cancel_retries = 3\n[journal]", 1))
	r.start()
	// Nothing is answered any more, so that the sale ends with a person.
	r.gateway.Script(sandbox.Next, sandbox.Scenario{Pay: []sandbox.Step{{Fault: sandbox.FaultDrop}}, Query: []sandbox.Step{{Fault: sandbox.FaultDrop, Repeat: true}}, Cancel: []sandbox.Step{{Fault: sandbox.FaultDrop, Repeat: true}}})
	r.openWith(context.Background(), "D-1", 700)
	r.await("the sale to need a person", func(s wire.Status) bool { return s.Backlog.AttentionCount == 1 })
	change := "[gateway]\nbase_url = \"http://" + address + "/api/alipay/intl/acquiring/\"\nclient_id = \"CLIENT-2\"\nmerchant_id = \"MERCHANT-2\"\n"
	r.dropIn(change)
	rep := r.reload(ResultRefused)
	if !strings.Contains(rep.Reasons[0], "1 sales are open under the old merchant, D-1") {
		t.Errorf("reasons %q", rep.Reasons)
	}
	// Nor by a restart: asked about at the other merchant, it would be "cancelled".
	r.stop()
	opt, err := options(r.dir, r.agent.log, nil)
	must(t, err)
	var merchant *MerchantError
	if err := Run(context.Background(), opt); !errors.As(err, &merchant) || merchant.Open != 1 {
		t.Errorf("started with another merchant: %v", err)
	}
	r.remove("posagent.d/50.toml")
	r.start()
	if _, err := r.client.Resolve(context.Background(), "D-1", wire.Resolution{Result: "not_paid", By: "Ann", Note: "looked up"}); err != nil {
		t.Fatal(err)
	}
	r.dropIn(change)
	r.reload(ResultApplied)
	r.sell()
	if len(other.Calls()) < 2 {
		t.Error("the new merchant's gateway got no sale")
	}
}

func TestAChangeWhileTheDaemonWasDownIsInTheTrail(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	if got := r.trail(); len(got) != 0 {
		t.Errorf("at the first start: %+v", got)
	}
	r.stop()
	r.dropIn("[policy]\nquery_limit = 7\n")
	r.start()
	if got := r.trail(); len(got) != 1 || got[0].Actor != "posagent" || !strings.Contains(got[0].Detail["policy.query_limit"], "20 -> 7") {
		t.Errorf("the trail has %+v", got)
	}
	r.stop()
	r.start()
	if got := r.trail(); len(got) != 1 {
		t.Errorf("told twice: %+v", got)
	}
}

func TestAChangeThatTheTrailCannotKeepIsNotMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	r.agent.audit = audit.NewLog(fullTrail{}, r.agent.log)
	r.dropIn("[policy]\nquery_limit = 7\n")
	rep := r.reload(ResultRefused)
	if !strings.Contains(rep.Reasons[0], "no space left") || r.agent.engine.Policy().QueryLimit != 20 {
		t.Errorf("%+v", rep)
	}
	r.sell()
}

// fullTrail is a trail on a full disk.
type fullTrail struct{}

func (fullTrail) Record(context.Context, audit.Entry) error {
	return errors.New("no space left on device")
}

func (fullTrail) List(uint64, int) ([]audit.Entry, error) { return nil, nil }

func TestTheDaemonStopsWhileAReloadWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.start()
	_, _, err := r.client.OpenSale(context.Background(), wire.NewSale{SaleID: "W-1", Amount: wire.Money{Currency: "HKD", Value: 500}})
	must(t, err)
	r.dropIn("[policy]\nquery_limit = 7\n")
	r.hangup <- os.Interrupt
	r.await("the till to be held", func(wire.Status) bool { return r.agent.till.Snapshot().Held })
	begun := time.Now()
	r.stop()
	if took := time.Since(begun); took > 9*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if _, err := r.agent.Reload(context.Background(), Ask{}); err == nil {
		t.Error("a reload after the stop")
	}
}

func (r *rig) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, name))
	must(r.t, err)
	return string(text)
}

// open lets other users read a file.
func (r *rig) open(name string) { must(r.t, os.Chmod(filepath.Join(r.dir, name), 0o644)) }

func (r *rig) otherKeys(dir string) sandbox.Keys {
	return r.keys(1, dir)
}

func must1[T any](v T, err error) T {
	if err != nil {
		panic(err) // a test's own surroundings
	}
	return v
}

func hasWarning(s wire.Status, code health.Code) bool {
	return slices.ContainsFunc(s.Warnings, func(w wire.Warning) bool { return w.Code == string(code) })
}
