package windowtest

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"posagent/offline"
	"posagent/ui"
	"posagent/ui/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func (s *shop) balance(id string) int64 {
	return s.Gateway.Ledger().Balance(offline.MerchantTransID(id)).Value
}

// sell opens a sale by typing its amount in minor units, and waits for the scanner.
func (s *shop) sell(amount string) {
	s.t.Helper()
	at := s.window.mark()
	s.display.key("F2")
	s.window.await(at, "entry")
	s.display.typed(amount)
	s.display.key("Return")
	s.window.await(at, "waiting", "band=scan")
}

// dismiss leaves a result.
func (s *shop) dismiss() {
	s.t.Helper()
	pause(time.Second) // an Enter right after a result may be the scanner's, and is not taken
	at := s.window.mark()
	s.display.key("Return")
	s.window.await(at, "idle")
}

// The band covers this place on every screen of a sale without a notice.
const bandX, bandY = 700, 210

func (s *shop) bandIs(role model.Role) {
	s.t.Helper()
	s.display.awaitPixel(bandX, bandY, ui.DarkPalette().Role(role).Back)
}

func TestADayAtTheTill(t *testing.T) {
	s := newShop(t)
	w := s.start()
	w.await(0, "offline")
	s.display.shoot("offline")
	s.open()
	w.await(0, "idle")
	s.display.shoot("idle")

	for _, step := range []struct {
		name string
		do   func(*shop)
	}{
		{"a customer pays", paid},
		{"the wallet refuses", declined},
		{"a product is scanned by mistake", wrongCode},
		{"the customer confirms on the phone", confirmed},
		{"the cashier cancels with the mouse before anything was sent", cancelledEarly},
		{"the cashier cancels while the customer hesitates", cancelledLate},
		{"no cancel is ever confirmed and a person is called", attention},
		{"part of a sale is refunded", refunded},
		{"the daemon is killed and comes back", daemonKilled},
		{"the window is killed and comes back", windowKilled},
		{"a scanner types the code into the window", wedge},
		{"the language is switched", language},
		{"a second window is refused", second},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			s.t, s.display.t, s.window.t = t, t, t
			step.do(s)
		}) {
			break
		}
	}
	s.t, s.display.t, s.window.t = t, t, t
	if problems := s.Gateway.Ledger().Audit(); len(problems) > 0 {
		t.Errorf("the gateway's books: %v", problems)
	}
}

func paid(s *shop) {
	before := s.charged()
	s.sell("1250")
	s.display.shoot("waiting")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "paid", "band=paid", "cue=paid")
	s.bandIs(model.RolePaid)
	s.display.shoot("paid")
	if got := s.charged() - before; got != 1250 {
		s.t.Errorf("the gateway took %d, the window says paid for 1250", got)
	}
	s.dismiss()
}

func declined(s *shop) {
	before := s.charged()
	s.sell("99900")
	s.next("f_user_balance_not_enough")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "declined", "band=refused")
	s.bandIs(model.RoleRefused)
	s.display.shoot("declined")
	if got := s.charged() - before; got != 0 {
		s.t.Errorf("the gateway took %d for a refused payment", got)
	}
	s.dismiss()
}

func wrongCode(s *shop) {
	s.sell("2390")
	at := s.window.mark()
	check(s.t, s.Scanner.Send("4006381333931"))
	s.window.await(at, "wrong_code")
	s.display.shoot("wrong-code")
	at = s.window.mark()
	s.scan()
	s.window.await(at, "paid", "band=paid")
	s.dismiss()
}

func confirmed(s *shop) {
	s.sell("8800")
	s.next("confirm")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "confirming", "band=busy")
	s.display.shoot("confirming")
	s.window.await(at, "paid", "band=paid")
	s.dismiss()
}

func cancelledEarly(s *shop) {
	before := s.charged()
	s.sell("7300")
	at := s.window.mark()
	s.display.click(800, 730)
	s.window.await(at, "cancelled")
	s.display.shoot("cancelled-unsent")
	if got := s.charged() - before; got != 0 {
		s.t.Errorf("the gateway took %d for a sale that was never sent", got)
	}
	s.dismiss()
}

func cancelledLate(s *shop) {
	before := s.charged()
	s.sell("7400")
	s.next("confirm_never")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "confirming")
	s.display.key("Escape")
	s.window.await(at, "ask_cancel")
	s.display.shoot("ask-cancel")
	s.display.key("F8")
	s.window.await(at, "cancelled")
	s.bandIs(model.RoleCancelled)
	s.display.shoot("cancelled")
	if got := s.charged() - before; got != 0 {
		s.t.Errorf("the gateway holds %d of a cancelled sale", got)
	}
	s.dismiss()
}

func attention(s *shop) {
	s.sell("9900")
	s.next("cancel_unknown_ever")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "confirming")
	s.display.key("Escape")
	s.window.await(at, "ask_cancel")
	s.display.key("F8")
	s.window.await(at, "attention", "band=unknown")
	s.bandIs(model.RoleUnknown)
	s.display.shoot("attention")
	s.dismiss()
}

func refunded(s *shop) {
	s.sell("5000")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "paid", "band=paid")
	before := s.charged()
	s.display.key("F6")
	s.window.await(at, "details")
	s.display.shoot("details")
	s.display.key("F6")
	s.window.await(at, "refund")
	s.display.typed("1000")
	s.display.shoot("refund")
	s.display.key("Return")
	s.window.await(at, "refund_done", "band=paid")
	s.display.shoot("refund-done")
	if got := before - s.charged(); got != 1000 {
		s.t.Errorf("the gateway gave back %d, the window says 1000", got)
	}
	s.home()
}

// home leaves all pages.
func (s *shop) home() {
	s.t.Helper()
	pause(time.Second)
	at := s.window.mark()
	s.display.key("Return", "Escape", "Escape", "Return")
	s.window.await(at, "idle")
}

func daemonKilled(s *shop) {
	s.sell("4200")
	s.next("confirm_late")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "confirming")
	s.crash()
	s.window.await(at, "offline")
	s.display.shoot("offline-sale")
	s.open()
	s.window.await(at, "paid", "band=paid")
	s.dismiss()

	// A sale for which nothing was sent does not outlive the daemon.
	s.sell("4250")
	at = s.window.mark()
	s.crash()
	s.window.await(at, "offline")
	s.open()
	s.window.await(at, "cancelled", "band=cancelled")
	s.dismiss()
}

func windowKilled(s *shop) {
	s.sell("4300")
	s.next("confirm_late")
	at := s.window.mark()
	s.scan()
	s.window.await(at, "confirming")
	stop(s.t, s.window.cmd, os.Kill)
	w := s.start()
	line := w.await(0, "confirming")
	if strings.Contains(w.text(), "drawn idle") {
		s.t.Errorf("the window said idle before it knew of the sale: %s\n%s", line, w.text())
	}
	w.await(0, "paid", "band=paid")
	s.dismiss()
}

// A scanner in keyboard mode types into whatever has the focus.
func wedge(s *shop) {
	s.sell("4400")
	at := s.window.mark()
	s.display.do("type --delay 2 %s", s.NextCode())
	s.display.do("key Return")
	s.window.await(at, "paid", "band=paid")
	// The code's Enter must not have dismissed the result.
	pause(500 * time.Millisecond)
	s.bandIs(model.RolePaid)
	s.dismiss()
}

func language(s *shop) {
	at := s.window.mark()
	s.display.key("F10")
	s.window.await(at, "language", "en")
	s.display.shoot("language")
	pause(time.Second) // an Enter right after a change may be a scanner's
	s.display.key("Down", "Return")
	s.window.await(at, "idle", "zh-Hans")
	s.display.shoot("idle-zh-Hans")
	stop(s.t, s.window.cmd, os.Interrupt)
	w := s.start()
	w.await(0, "paid", "zh-Hans") // the language is kept, and the last result is back
}

func second(s *shop) {
	again := exec.Command(s.program, "ui", "--config", s.Config)
	again.Env = s.display.env()
	out, err := again.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 75 || !strings.Contains(string(out), "open already") {
		s.t.Errorf("a second window ended with %v: %s", err, out)
	}
}

// The toolkit itself goes on without a window there, and says so in its log alone.
func TestWithoutOpenGLTheWindowEndsWithAReasonAndTheWayOut(t *testing.T) {
	s := newShopOn(t, "-extension", "GLX")
	c := exec.Command(s.program, "ui", "--config", s.Config)
	c.Env = s.display.env()
	out, err := c.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 69 || !strings.Contains(string(out), "--text") {
		t.Errorf("ended with %v: %s", err, out)
	}
}
