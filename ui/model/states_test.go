package model

import (
	"slices"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/cashier"
)

// class is one row: a state of a sale with the messages that it can have, and what
// the cashier then sees, can do and hears.
type class struct {
	name   string
	state  wire.State
	keys   string // the message's key and all below it, or several of them
	rescan bool

	kind     Kind
	role     Role
	icon     Icon
	buttons  string
	sound    Sound // "" is silence
	customer string
	role2    Role // of the customer's display
}

func classes() []class {
	const again = "Enter next, F2 again, F6 details"
	return []class{
		{"waiting for the code", wire.Waiting, "waiting", false, KindWaiting, RoleScan, IconScan, "Esc cancel", "", "customer.show_code", RoleScan},
		{"on its way", wire.Processing, "processing", false, KindProcessing, RoleBusy, IconWait, "Esc cancel", SoundGoodRead, "customer.moment", RoleBusy},
		{"for the customer to confirm", wire.Confirming, "confirming", false, KindConfirming, RoleBusy, IconPhone, "F5 check, Esc cancel", SoundGoodRead, "customer.confirm", RoleBusy},
		{"result not known", wire.Checking, "checking", false, KindChecking, RoleUnknown, IconAsk, "F5 check, Esc cancel", SoundGoodRead, "customer.moment", RoleBusy},
		{"being undone", wire.Reversing, "reversing", false, KindReversing, RoleUnknown, IconBack, "Enter next, F5 check, F6 details", SoundAttention, "customer.cancelling", RoleUnknown},
		{"paid", wire.Paid, "paid", false, KindPaid, RolePaid, IconCheck, "Enter next, F6 details, F7 print", SoundPaid, "customer.paid", RolePaid},
		{"refused, by class", wire.Declined, "declined", false, KindDeclined, RoleRefused, IconCross, again, SoundNotPaid, "customer.not_paid", RoleRefused},
		{"refused, by the gateway's code", wire.Declined, "code", false, KindDeclined, RoleRefused, IconCross, again, SoundNotPaid, "customer.not_paid", RoleRefused},
		{"refused, a fresh code may come", wire.Declined, "waiting.rescan", true, KindDeclined, RoleRefused, IconCross, "Esc cancel", SoundNotPaid, "customer.fresh_code", RoleRefused},
		{"refused with a code, a fresh one may come", wire.Declined, "code", true, KindDeclined, RoleRefused, IconCross, "Esc cancel", SoundNotPaid, "customer.fresh_code", RoleRefused},
		{"cancelled", wire.Cancelled, "cancelled", false, KindCancelled, RoleCancelled, IconBack, again, SoundNotPaid, "customer.cancelled", RoleCancelled},
		{"no code in time", wire.Expired, "expired", false, KindExpired, RoleCancelled, IconClock, again, SoundNotPaid, "customer.expired", RoleCancelled},
		{"needs a person", wire.Attention, "attention", false, KindAttention, RoleUnknown, IconPerson, "Enter next, F2 copy, F5 check, F6 details", SoundAttention, "customer.staff", RoleUnknown},
		{"a state of a newer daemon", "suspended", "attention", false, KindAttention, RoleUnknown, IconPerson, "", "", "customer.staff", RoleUnknown},
	}
}

func (c class) covers(key string) bool {
	return key == c.keys || strings.HasPrefix(key, c.keys+".")
}

func TestEachStateAndMessageHasItsScreenWordsButtonsKeysAndSound(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range classes() {
		for _, key := range cashier.Keys() {
			if !c.covers(key) || key == "waiting.rescan" && !c.rescan {
				continue
			}
			covered[key] = true
			t.Run(c.name+"/"+key, func(t *testing.T) { c.check(t, key) })
		}
	}
	for _, key := range cashier.Keys() {
		if !covered[key] && !strings.HasPrefix(key, "refund.") {
			t.Errorf("no row has the message %s", key)
		}
	}
}

func (c class) check(t *testing.T, key string) {
	w := ready(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Waiting, "waiting", 1)})
	w.do(StatusChanged{Status: status("R-1")})
	s := sale("R-1", c.state, key, 2)
	if c.rescan {
		s = rescan(s)
	}
	if strings.HasPrefix(key, "code.") {
		s.Message.Code = strings.TrimPrefix(key, "code.")
	}
	if c.state != wire.Waiting {
		w.do(SaleChanged{Sale: s})
	}
	heard := w.sounds()
	if c.state == wire.Processing {
		w.wait(flash)
	}
	got := w.want(c.kind)
	words := cashier.Words(key)
	if got.Band.Role != c.role || got.Band.Icon != c.icon || got.Band.Title != words.Title {
		t.Errorf("band %+v, want %s %s %q", got.Band, c.role, c.icon, words.Title)
	}
	if got.Money != words.Money || got.Action != words.Action || got.Say != words.Say {
		t.Errorf("words %q / %q / %q, want %+v", got.Money, got.Action, got.Say, words)
	}
	if got.Amount != "HKD 128.50" {
		t.Errorf("amount %q", got.Amount)
	}
	if !strings.Contains(got.Small, "R-1") || strings.HasPrefix(key, "code.") && !strings.Contains(got.Small, s.Message.Code) {
		t.Errorf("small print %q", got.Small)
	}
	if keys(got) != c.buttons {
		t.Errorf("buttons %q, want %q", keys(got), c.buttons)
	}
	switch {
	case c.sound == "" && len(heard) > 0, c.sound != "" && !slices.Equal(heard, []Sound{c.sound}):
		if c.state != wire.Reversing || key != "reversing.asked" {
			t.Errorf("sounds %v, want %q", heard, c.sound)
		}
	}
	if len(heard) > 0 && (got.Cue.Sound != c.sound || got.Cue.Text == "" || got.Cue.Icon == IconNone) {
		t.Errorf("the sound %v has no visible twin: %+v", heard, got.Cue)
	}
	if got.Customer.Title != c.customer || got.Customer.Role != c.role2 {
		t.Errorf("the customer sees %+v", got.Customer)
	}
	for _, own := range []string{words.Title, words.Money, words.Action, words.Say} {
		if own == got.Customer.Title || own == got.Customer.Line {
			t.Errorf("the customer reads the cashier's words %q", own)
		}
	}
}

// TestPaidIsShownForThePaidStateAlone: no message, icon or role of another state
// may look like it.
func TestPaidIsShownForThePaidStateAlone(t *testing.T) {
	for _, c := range classes() {
		if (c.role == RolePaid || c.role2 == RolePaid || c.sound == SoundPaid || c.icon == IconCheck) && c.state != wire.Paid {
			t.Errorf("%s looks paid", c.name)
		}
	}
	for _, state := range []wire.State{"", "PAID", "Paid", "done", "success"} {
		if role, icon := look(state); role != RoleUnknown || icon != IconPerson {
			t.Errorf("state %q looks %s %s", state, role, icon)
		}
	}
}

func TestAReversalThatTheCashierAskedForMakesNoAlarm(t *testing.T) {
	w := ready(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Processing, "processing", 2)})
	w.do(StatusChanged{Status: status("R-1")})
	s := sale("R-1", wire.Reversing, "reversing.asked", 3)
	s.Reason = "asked"
	w.do(SaleChanged{Sale: s})
	if len(w.sounds()) != 0 {
		t.Errorf("sounds %v", w.sounds())
	}
	w.want(KindReversing)
}

func TestEveryEnabledButtonHasAKeyOfItsOwnAndNoneIsADigit(t *testing.T) {
	for _, c := range classes() {
		w := ready(t)
		w.do(SaleChanged{Sale: sale("R-1", wire.Waiting, "waiting", 1)})
		w.do(SaleChanged{Sale: sale("R-1", c.state, c.keys, 2)})
		seen := map[Key]bool{}
		for _, b := range w.m.Screen().Buttons {
			if b.Key == KeyNone || b.KeyText == "" || seen[b.Key] {
				t.Errorf("%s: %+v", c.name, b)
			}
			seen[b.Key] = true
		}
	}
}

func TestProcessingThatLastsLessThanAFlashIsNotShown(t *testing.T) {
	w := ready(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Waiting, "waiting", 1)})
	w.do(SaleChanged{Sale: sale("R-1", wire.Processing, "processing", 2)})
	if s := w.want(KindWaiting); s.Cue.Sound != SoundGoodRead {
		t.Errorf("the good read is not shown: %+v", s.Cue)
	}
	w.wait(flash - time.Millisecond)
	w.want(KindWaiting)
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 3)})
	w.want(KindPaid)

	w = ready(t)
	w.do(SaleChanged{Sale: sale("R-2", wire.Waiting, "waiting", 1)})
	w.do(SaleChanged{Sale: sale("R-2", wire.Processing, "processing", 2)})
	w.wait(flash)
	w.want(KindProcessing)
}

// TestCancelWhileProcessingIsNotYetShownStillAsks: the key means what the sale is,
// not what is drawn for a moment.
func TestCancelWhileProcessingIsNotYetShownStillAsks(t *testing.T) {
	w := ready(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Waiting, "waiting", 1)})
	w.do(SaleChanged{Sale: sale("R-1", wire.Processing, "processing", 2)})
	w.key(KeyEscape)
	if n := count[Cancel](w); n != 0 {
		t.Fatal("cancelled without being asked")
	}
	w.want(KindAskCancel)
}

func TestTheScreenChangesOnlyWithItsContent(t *testing.T) {
	w := ready(t)
	w.do(SaleChanged{Sale: sale("R-1", wire.Waiting, "waiting", 1)})
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 4)})
	w.wait(3 * time.Second) // the cue is over
	before := w.m.Screen()
	w.do(SaleChanged{Sale: sale("R-1", wire.Paid, "paid", 4)})
	w.do(StatusChanged{Status: status("")})
	w.do(SaleChanged{Sale: sale("R-1", wire.Processing, "processing", 3)}) // late and older
	w.wait(time.Minute)
	if after := w.m.Screen(); !after.Equal(before) {
		t.Errorf("\n%+v\n%+v", before, after)
	}
}
