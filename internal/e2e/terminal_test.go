//go:build unix

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline"
)

// desk is the cashier's window in a terminal: "posagent ui --text" in tmux, which
// shows what is on the screen and types what the cashier types.
type desk struct {
	*shop
	socket string // of the tmux that is the terminal
	closed bool
}

// openDesk starts the window; the daemon need not run. env is put before the command.
func (s *shop) openDesk(env string) *desk {
	s.t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		s.t.Skip("tmux is not installed: nothing can look at a terminal")
	}
	dir, err := os.MkdirTemp(s.dir, "tmux")
	must(s.t, err)
	d := &desk{shop: s, socket: filepath.Join(dir, "s")}
	s.t.Cleanup(d.close)
	path, err := program()
	must(s.t, err)
	// The script tells, when the window has ended, how it left the terminal.
	script := fmt.Sprintf(`cd %q
export HOME=%q LANG=C TERM=screen-256color SSH_CONNECTION= NO_COLOR= COLORTERM= %s
while :; do
  sh -c 'echo $$ >window.pid; exec "$@"' - %q ui --text --lang "$(cat lang 2>/dev/null || echo en)" --volume 0 --config %q
  echo "ended $? with $(stty -a | tr ' ;' '\n\n' | grep -x -e echo -e icanon -e isig | tr '\n' ' ')"
  read again
done`, s.dir, s.dir, env, path, s.config)
	must(s.t, os.WriteFile(filepath.Join(s.dir, "desk.sh"), []byte(script), 0o600))
	d.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-s", "desk", "sh", filepath.Join(s.dir, "desk.sh"))
	return d
}

// close ends the terminal with all that runs in it.
func (d *desk) close() {
	d.t.Helper()
	if d.closed {
		return
	}
	d.closed = true
	if d.t.Failed() {
		d.t.Logf("the terminal:\n%s", d.screen())
	}
	d.tmux("kill-server")
	d.await("the window to end with its terminal", func(context.Context) (bool, error) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.pid()))
		if err != nil {
			return true, nil //nolint:nilerr // there is no such process any more
		}
		// A process that nobody has asked after yet has ended too.
		_, state, _ := strings.Cut(string(stat), ") ")
		return strings.HasPrefix(state, "Z"), fmt.Errorf("it is %.1s", state)
	})
}

// pid is the window's process.
func (d *desk) pid() int {
	d.t.Helper()
	text, err := os.ReadFile(filepath.Join(d.dir, "window.pid"))
	must(d.t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(d.t, err)
	return pid
}

func (d *desk) tmux(args ...string) string {
	d.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-u", "-S", d.socket}, args...)...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (d *desk) screen() string { return d.tmux("capture-pane", "-p", "-t", "desk") }

// sees waits until all texts are on the screen.
func (d *desk) sees(texts ...string) string {
	d.t.Helper()
	var screen string
	d.await(fmt.Sprintf("%q on the screen", texts), func(context.Context) (bool, error) {
		screen = d.screen()
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false, fmt.Errorf("%q is missing in\n%s", text, screen)
			}
		}
		return true, nil
	})
	return screen
}

// press presses keys by their names, one at a time.
func (d *desk) press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.tmux("send-keys", "-t", "desk", k)
	}
}

// sell types an amount of HKD and charges it; the sale then waits for its code.
func (d *desk) sell(digits, shown string) string {
	d.t.Helper()
	d.press("F2")
	d.sees("Enter the amount")
	d.press(strings.Split(digits, "")...)
	d.sees("Charge")
	d.await("the amount "+shown, func(context.Context) (bool, error) {
		return d.amount(digits), nil
	})
	d.press("Enter")
	d.sees("Scan the customer's code", "Nothing has been sent")
	var id string
	d.await("a sale in the foreground", func(ctx context.Context) (bool, error) {
		st, err := d.client.Status(ctx)
		id = st.Till.Foreground
		return err == nil && armed(st, id), err
	})
	sale, err := d.client.Sale(context.Background(), id)
	must(d.t, err)
	if got := sale.Amount.String(); got != shown {
		d.t.Fatalf("typed was %s, the sale is of %s", shown, got)
	}
	return id
}

// amount tells whether the large digits are as many as were typed; what they say is
// tested where they are drawn.
func (d *desk) amount(digits string) bool {
	for _, row := range strings.Split(d.screen(), "\n") {
		if strings.Contains(row, "HK$") && strings.Contains(row, "█") {
			return len(strings.Fields(row)) >= len(digits)
		}
	}
	return false
}

func TestTerminalWindowSellsAndShowsHowItEnds(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	d := s.openDesk("")
	d.sees("Ready", "Sunrise Mart")

	id := d.sell("12850", "HKD 128.50")
	code := s.nextCode()
	s.pay(id, code)
	if screen := d.sees("Paid", "The money was taken", "Hand over the goods"); strings.Contains(screen, code) {
		t.Error("the payment code stands on the screen")
	}
	s.holds(s.settledAs(id, wire.Paid), 12850)
	pressUntil(d, "Enter", "Ready")

	s.script("f_user_balance_not_enough")
	id = d.sell("5000", "HKD 50.00")
	s.pay(id, s.nextCode())
	d.sees("Balance too low", "Nothing was taken", "Keep the goods")
	pressUntil(d, "Enter", "Ready")

	id = d.sell("700", "HKD 7.00")
	s.answer("4006381333931", "product_ean13")
	d.sees("Product")
	d.press("Escape")
	d.sees("Next customer")
	s.holds(s.settledAs(id, wire.Cancelled), 0)
	pressUntil(d, "Enter", "Ready")

	s.script("confirm_never")
	id = d.sell("7300", "HKD 73.00")
	s.pay(id, s.nextCode())
	d.sees("Customer must confirm")
	d.press("Escape")
	d.sees("Cancel this payment?")
	d.press("F8")
	s.holds(s.settledAs(id, wire.Cancelled), 0)
	d.sees("Next customer")
}

// pressUntil presses a key until it had its effect: a screen that has just come takes
// no Enter, which may have been meant for the one before.
func pressUntil(d *desk, key, text string) {
	d.t.Helper()
	pressed := time.Time{}
	d.await(text+" after "+key, func(context.Context) (bool, error) {
		if strings.Contains(d.screen(), text) {
			return true, nil
		}
		if time.Since(pressed) > time.Second {
			d.press(key)
			pressed = time.Now()
		}
		return false, nil
	})
}

func TestTerminalWindowTakesAScannerThatTypes(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	d := s.openDesk("")
	d.sees("Ready")
	id := d.sell("12850", "HKD 128.50")
	d.tmux("send-keys", "-t", "desk", "-l", s.nextCode())
	d.press("Enter")
	d.sees("The money was taken")
	s.holds(s.settledAs(id, wire.Paid), 12850)
	if n := s.callsOf(offline.OpPay); n != 1 {
		t.Errorf("%d payments were sent", n)
	}
}

func TestTerminalWindowOutlivesTheDaemon(t *testing.T) {
	s := openShop(t, shopOptions{})
	d := s.openDesk("")
	d.sees("No connection to the till", "connects as soon as it runs")
	s.start()
	d.sees("Ready")

	s.script("slow_3s")
	charged := s.nextCall(offline.OpPay)
	id := d.sell("15000", "HKD 150.00")
	s.pay(id, s.nextCode())
	select {
	case <-charged:
	case <-time.After(patience):
		t.Fatal("the payment never reached the gateway")
	}
	s.kill()
	screen := d.sees("No connection to the till", "Sale "+id)
	if strings.Contains(screen, "Paid") || strings.Contains(screen, "was taken") {
		t.Errorf("a result is shown that nobody has told:\n%s", screen)
	}
	s.start()
	d.sees("Paid", "The money was taken")
	s.holds(s.settledAs(id, wire.Paid), 15000)
}

func TestTerminalWindowComesBackIntoTheRightState(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	d := s.openDesk("")
	d.sees("Ready")
	s.script("confirm_never")
	id := d.sell("7300", "HKD 73.00")
	s.pay(id, s.nextCode())
	d.sees("Customer must confirm")
	d.signal(syscall.SIGKILL)
	d.sees("ended 137")
	d.press("Enter") // the script starts it again
	d.sees("Customer must confirm", "Sale "+id)
}

func TestTerminalIsGivenBackAsItWas(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	d := s.openDesk("")
	for _, row := range []struct {
		name string
		end  func()
	}{
		{"by the cashier", func() { d.press("C-c") }},
		{"by SIGTERM", func() { d.signal(syscall.SIGTERM) }},
	} {
		d.sees("Ready", "History")
		row.end()
		screen := d.sees("ended 0 with")
		for _, mode := range []string{"echo", "icanon", "isig"} {
			if !strings.Contains(screen, mode) {
				t.Errorf("ended %s the terminal has no %s:\n%s", row.name, mode, screen)
			}
		}
		if got := d.tmux("display-message", "-p", "-t", "desk", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"); got != "0 1 0\n" {
			t.Errorf("ended %s alternate screen, cursor and mouse are %q", row.name, got)
		}
		d.press("Enter")
	}
}

func (d *desk) signal(sig syscall.Signal) {
	d.t.Helper()
	must(d.t, syscall.Kill(d.pid(), sig))
}

func TestTerminalWindowFollowsSizeAndLanguage(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	d := s.openDesk("")
	d.sees("Ready")
	d.press("F10")
	d.sees("简体中文", "ไทย")
	d.press("Down", "Enter")
	d.sees("准备就绪", "语言")
	d.tmux("resize-window", "-t", "desk", "-x", "60", "-y", "18")
	d.await("the smaller screen", func(context.Context) (bool, error) {
		rows := strings.Split(strings.TrimRight(d.screen(), "\n"), "\n")
		return len(rows) == 18 && strings.Contains(rows[17], "语言"), nil
	})
}

func TestTerminalWindowHasTheColoursOfItsTerminal(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	for _, row := range []struct{ env, colour string }{
		{"TERM=screen", `[\[;]4[0-7][;m]`},                                    // eight
		{"TERM=screen-256color", `[\[;]48;5;`},                                // the nearest of 256
		{"TERM=screen-256color COLORTERM=truecolor", `[\[;]48[;:](5;|2[;:])`}, // what tmux makes of true ones
	} {
		d := s.openDesk(row.env)
		d.sees("Ready", "History")
		if raw := d.tmux("capture-pane", "-p", "-e", "-t", "desk"); !regexp.MustCompile(row.colour).MatchString(raw) {
			t.Errorf("%s: no such colour:\n%q", row.env, raw)
		}
		d.close()
	}
}

func TestTerminalWindowNeedsNoColours(t *testing.T) {
	s := openShop(t, shopOptions{})
	s.start()
	d := s.openDesk("NO_COLOR=1")
	d.sees("Ready")
	raw := d.tmux("capture-pane", "-p", "-e", "-t", "desk")
	if colour := regexp.MustCompile(`[\[;]([34][0-8]|9[0-7]|10[0-7])[;m]`); colour.MatchString(raw) {
		t.Errorf("colours that nobody wanted:\n%q", raw)
	}
	if !regexp.MustCompile(`[\[;]7m`).MatchString(raw) {
		t.Errorf("no band:\n%q", raw)
	}
}
