package e2e

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"posagent/internal/localapi/wire"
	"posagent/offline/sandbox"
)

// TestASaleDoesNotWaitForALogThatNobodyReads gives the daemon a standard error
// that is full and stays so: a pipe of 64 KiB whose reader sleeps.
func TestASaleDoesNotWaitForALogThatNobodyReads(t *testing.T) {
	slow(t)
	s := openShop(t, shopOptions{log: `level = "debug"`})
	reader, writer, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { check(t, reader.Close()) })
	fill(t, writer)
	s.stderr = writer
	s.start()
	must(t, writer.Close()) // the daemon has it
	const sales, lines = 20, 4
	for i := range sales {
		id := fmt.Sprintf("R-%03d", i)
		s.post(wire.NewSale{SaleID: id, Amount: hkd(100), Code: s.nextCode()})
		s.settledAs(id, wire.Paid)
	}
	// Whoever comes back reads all of it, in order.
	text := make(chan string)
	go func() {
		all, err := io.ReadAll(reader)
		check(t, err)
		text <- string(all)
	}()
	s.stop()
	got := <-text
	if at := strings.Index(got, "posagent starts"); at < 32<<10 {
		t.Errorf("the daemon's first line is at byte %d: the pipe was not full, and the test proves nothing", at)
	}
	for i := range sales {
		if n := strings.Count(got, fmt.Sprintf("sale=R-%03d ", i)); n < lines {
			t.Errorf("sale %d has %d lines", i, n)
		}
	}
	if n := strings.Count(got, "action=sale_summary result=success"); n != sales {
		t.Errorf("%d summaries of %d sales", n, sales)
	}
}

// TestTheEndOfTheDaemonDoesNotWaitForItsLog stops a daemon whose log is stuck.
func TestTheEndOfTheDaemonDoesNotWaitForItsLog(t *testing.T) {
	slow(t)
	s := openShop(t, shopOptions{log: `level = "debug"`})
	reader, writer, err := os.Pipe()
	must(t, err)
	t.Cleanup(func() { check(t, reader.Close()) })
	fill(t, writer)
	s.stderr = writer
	s.start()
	must(t, writer.Close())
	s.post(wire.NewSale{SaleID: "R-1", Amount: hkd(100), Code: s.nextCode()})
	s.settledAs("R-1", wire.Paid)
	s.mu.Lock()
	d := s.daemon
	s.daemon = nil
	s.mu.Unlock()
	check(t, d.cmd.Process.Signal(os.Interrupt))
	select {
	case <-d.ended: // with an exit code that says that the end of the log is lost
	case <-time.After(patience):
		t.Error("the daemon does not stop")
		check(t, d.cmd.Process.Kill())
		<-d.ended
	}
}

// fill writes into a pipe until it takes nothing more.
func fill(t *testing.T, w *os.File) {
	t.Helper()
	must(t, w.SetWriteDeadline(time.Now().Add(300*time.Millisecond)))
	for {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
			break
		}
	}
	must(t, w.SetWriteDeadline(time.Time{}))
}

// TestNoFormatOfTheLogShowsASecret sells at level debug in each format that this
// system has, and makes a support bundle of it, which searches by itself.
func TestNoFormatOfTheLogShowsASecret(t *testing.T) {
	slow(t)
	for _, row := range []struct{ name, log, file string }{
		{"text", `level = "debug"` + "\nformat = \"text\"\nfile = \"posagent.log\"", "posagent.log"},
		{"json", `level = "debug"` + "\nformat = \"json\"\nfile = \"posagent.log\"", "posagent.log"},
		{"journald", `level = "debug"` + "\nformat = \"journald\"", "stderr.log"}, // here it stands where there is no journal
	} {
		t.Run(row.name, func(t *testing.T) {
			s := openShop(t, shopOptions{log: row.log, api: "listen = \"" + freeAddress(t) + "\"\ntoken_file = \"token\""})
			s.start()
			heap := &haystack{t: t}
			var codes []string
			for i, sc := range []sandbox.Scenario{{}, {Amount: 4004}, {Amount: 700}} {
				code := s.nextCode()
				codes = append(codes, code)
				s.playForLeaks(heap, fmt.Sprintf("R-%03d", i), sc, code)
			}
			bundle := s.bundle()
			s.stop()
			text, err := os.ReadFile(filepath.Join(s.dir, row.file))
			must(t, err)
			if !bytes.Contains(text, []byte("message answered")) || !bytes.Contains(text, []byte("sale_summary")) {
				t.Fatalf("the log has no sale: the search would prove nothing\n%s", tail(string(text), 20))
			}
			if row.name == "json" {
				for line := range strings.Lines(string(text)) {
					if !json.Valid([]byte(line)) {
						t.Errorf("not JSON: %s", line)
					}
				}
			}
			heap.add(row.file, text)
			for name, content := range bundle {
				heap.add("bundle: "+name, content)
			}
			for _, code := range codes {
				heap.search("payment code "+mask(code), codeForms(code))
			}
			heap.search("private key", s.keyForms())
			token, err := os.ReadFile(filepath.Join(s.dir, "token"))
			must(t, err)
			heap.search("token", [][]byte{bytes.TrimSpace(token)})
		})
	}
}

// bundle has the command make a support bundle, and unpacks it.
func (s *shop) bundle() map[string][]byte {
	s.t.Helper()
	path, err := program()
	must(s.t, err)
	file := filepath.Join(s.dir, "bundle.zip")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "support-bundle", "--config", s.config, "--output", file).CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	z, err := zip.OpenReader(file)
	must(s.t, err)
	defer func() { check(s.t, z.Close()) }()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		must(s.t, err)
		files[f.Name], err = io.ReadAll(r)
		must(s.t, err)
		must(s.t, r.Close())
	}
	return files
}
