package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"posagent/internal/localapi/client"
	"posagent/internal/localapi/wire"
	"posagent/internal/rig"
	"posagent/offline"
	"posagent/offline/sandbox"
)

const (
	program = "/bin/posagent"
	// waiter is the user that runs the agent where it must not be root.
	waiter = 1000
)

// shop is a checkout with a pretend gateway, and an agent that comes and goes.
type shop struct {
	stage   *stage
	dir     string
	gateway *sandbox.Local
	api     *client.Client
	uid     uint32 // of the agent
	agent   *exec.Cmd
	log     *os.File
	told    int // bytes of the log that are noted
	sales   int
}

// openShop makes a checkout with the given scanners; scanners are [[scanner]]
// tables. The agent does not run yet.
func openShop(ctx context.Context, s *stage, uid uint32, scanners ...string) (_ *shop, err error) {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		return nil, err
	}
	k := &shop{stage: s, dir: dir, uid: uid}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	if k.gateway, err = sandbox.Open(ctx, filepath.Join(dir, "keys"), sandbox.Options{}); err != nil {
		return nil, err
	}
	k.api, err = client.New(client.Options{Socket: filepath.Join(dir, "data", "posagent.sock")})
	if err != nil {
		return nil, err
	}
	if k.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		return nil, err
	}
	return k, k.configure(scanners)
}

// configure writes the agent's configuration and gives it to the agent's user.
func (k *shop) configure(scanners []string) error {
	text := fmt.Sprintf(`[terminal]
store_id = "RIG"
store_name = "Rig"
terminal_id = "T01"
mcc = "5411"
currency = "HKD"
[gateway]
base_url = %q
client_id = %q
merchant_id = %q
private_key_file = "keys/terminal_private.pem"
alipay_public_key_file = "keys/alipay_public.pem"
[journal]
path = "data/journal.db"
[api]
socket = "data/posagent.sock"
[log]
level = "info"
%s
`, k.gateway.BaseURL, sandbox.ClientID, sandbox.MerchantID, strings.Join(scanners, "\n"))
	if err := os.WriteFile(k.config(), []byte(text), 0o600); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(k.dir, "data"), 0o700); err != nil {
		return err
	}
	return filepath.WalkDir(k.dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(k.uid), int(k.uid))
	})
}

func (k *shop) config() string { return filepath.Join(k.dir, "posagent.toml") }

// start starts the agent and waits until it would open a sale.
func (k *shop) start(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, program, "serve", "--config", k.config())
	cmd.Stdout, cmd.Stderr = k.log, k.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: k.uid, Gid: k.uid}}
	if err := cmd.Start(); err != nil {
		return err
	}
	k.agent = cmd
	return k.await(ctx, "the agent to be ready", func(st wire.Status) bool { return st.Till.Ready })
}

// kill ends the agent as a power cut would.
func (k *shop) kill() error {
	if k.agent == nil {
		return nil
	}
	err := k.agent.Process.Kill()
	_ = k.agent.Wait() // it was killed: that is its error
	k.agent = nil
	return err
}

// stop ends the agent in order and tells how long that took.
func (k *shop) stop() (time.Duration, error) {
	if k.agent == nil {
		return 0, nil
	}
	begun := time.Now()
	if err := k.agent.Process.Signal(os.Interrupt); err != nil {
		return 0, err
	}
	// Every part of the agent stops within its own bound; this is beyond all.
	timer := time.AfterFunc(20*time.Second, func() { _ = k.agent.Process.Kill() })
	look := time.AfterFunc(5*time.Second, func() { k.stage.note("still stopping, held by the kernel in: %s", heldIn(k.agent.Process.Pid)) })
	err := k.agent.Wait()
	timer.Stop()
	look.Stop()
	k.agent = nil
	return time.Since(begun), err
}

// close ends everything and checks what must be true in the end whatever
// happened.
func (k *shop) close() error {
	_, err := k.stop()
	k.api.Close()
	faults := k.gateway.Ledger().Audit()
	k.stage.check(len(faults) == 0, "the gateway's books are right", "%d charges %s", len(k.gateway.Ledger().Trades()), strings.Join(faults, "; "))
	text, rerr := os.ReadFile(k.log.Name())
	for _, sign := range []string{"panic: ", "fatal error: ", "failed inside"} {
		if at := strings.Index(string(text), sign); at >= 0 {
			k.stage.check(false, "the agent does not fail inside", "%s", text[at:min(len(text), at+2000)])
		}
	}
	if err != nil {
		k.tellLog()
	}
	return errors.Join(err, rerr, k.gateway.Close(), k.log.Close(), os.RemoveAll(k.dir))
}

func tail(text string, n int) string { return text[max(0, len(text)-n):] }

// tellLog notes what the agent logged since it was told last.
func (k *shop) tellLog() {
	text, err := os.ReadFile(k.log.Name())
	k.stage.note("the agent's log (%v): %s", err, tail(string(text[min(k.told, len(text)):]), 4000))
	k.told = len(text)
}

// await asks for the status until it is as it should be.
func (k *shop) await(ctx context.Context, what string, so func(wire.Status) bool) error {
	err := until(ctx, what, func() (bool, string) {
		st, err := k.api.Status(ctx)
		if err != nil {
			return false, err.Error()
		}
		return so(st), fmt.Sprintf("till %+v, scanners %+v", st.Till, st.Scanners)
	})
	if err != nil {
		k.tellLog()
	}
	return err
}

// scanner is one of a status, by its name.
func scanner(st wire.Status, name string) wire.Scanner {
	for _, sc := range st.Scanners {
		if sc.Name == name {
			return sc
		}
	}
	return wire.Scanner{}
}

// awaitState waits until a scanner is in a state and tells how long it took.
func (k *shop) awaitState(ctx context.Context, name, state string) (time.Duration, error) {
	begun := time.Now()
	err := k.await(ctx, "scanner "+name+" to be "+state, func(st wire.Status) bool { return scanner(st, name).State == state })
	return time.Since(begun), err
}

// counters of a scanner.
func (k *shop) counters(ctx context.Context, name string) (wire.Scanner, error) {
	st, err := k.api.Status(ctx)
	return scanner(st, name), err
}

const price = 12850

// openSale opens a sale and waits until the till listens.
func (k *shop) openSale(ctx context.Context) (string, error) {
	k.sales++
	id := fmt.Sprintf("R-%05d", k.sales)
	if _, _, err := k.api.OpenSale(ctx, wire.NewSale{SaleID: id, Amount: wire.Money{Currency: "HKD", Value: price}}); err != nil {
		return "", err
	}
	return id, k.await(ctx, "the till to listen", func(st wire.Status) bool {
		return st.Till.Foreground == id && st.Till.Waiting
	})
}

// awaitPaid waits until a sale is paid, and compares it with the gateway's books.
func (k *shop) awaitPaid(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sale, err := k.api.Await(ctx, id, func(s wire.Sale) bool { return s.Final })
	if err != nil {
		k.tellLog()
		return fmt.Errorf("sale %s is %s: %w", id, sale.State, err)
	}
	var held int64
	for _, p := range sale.Payments {
		held += k.gateway.Ledger().Balance(offline.MerchantTransID(p.MerchantTransID)).Value
	}
	if sale.State != wire.Paid || held != price {
		return fmt.Errorf("sale %s is %s, and the gateway holds %d", id, sale.State, held)
	}
	return nil
}

// pay lets a customer pay with a code that the scanner reads.
func (k *shop) pay(ctx context.Context, src source, code string) error {
	id, err := k.openSale(ctx)
	if err != nil {
		return err
	}
	if err := src.send(ctx, code); err != nil {
		return err
	}
	return k.awaitPaid(ctx, id)
}

// code is the payment code of the n-th customer.
func code(n int) string { return rig.Label(99, n) }
