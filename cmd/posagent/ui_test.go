package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"posagent/internal/config"
	"posagent/offline/sandbox"
	"posagent/ui/model"
)

func TestSettingsOfTheWindowSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "window.json")
	if s, err := loadSettings(path); err != nil || s.Volume != 2 || s.Lang != "" {
		t.Fatalf("a first start has %+v, %v", s, err)
	}
	if err := (settings{Lang: "ko", Volume: 0}).save(path); err != nil {
		t.Fatal(err)
	}
	if s, err := loadSettings(path); err != nil || s.Lang != "ko" || s.Volume != 0 {
		t.Errorf("kept were %+v, %v", s, err)
	}
}

func TestDamagedSettingsAreToldOfAndDoNotStopATill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window.json")
	if err := os.WriteFile(path, []byte(`{"lang":`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := loadSettings(path)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, which does not name the file", err)
	}
	if s.Volume != 2 {
		t.Errorf("the volume is %d", s.Volume)
	}
}

func TestATillHasOneWindow(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	one := &config.Config{API: config.API{Socket: "/run/posagent/one.sock"}}
	two := &config.Config{API: config.API{Socket: "/run/posagent/two.sock"}}
	first, err := lockWindow(one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockWindow(one); err == nil || exitOf(err) != exitTemporarily {
		t.Errorf("a second window of one till: %v", err)
	}
	other, err := lockWindow(two)
	if err != nil {
		t.Errorf("the window of another till: %v", err)
	} else if err := other.Close(); err != nil {
		t.Error(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := lockWindow(one)
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestTheWindowBeginsInTheLanguageThatWasAskedFor(t *testing.T) {
	for _, row := range []struct{ asked, system, want string }{
		{"", "", "en"}, {"", "C.UTF-8", "en"}, {"", "zh_TW.UTF-8", "zh-Hant"}, {"", "ja_JP.UTF-8", "ja"},
		{"th", "ja_JP.UTF-8", "th"}, {"", "fr_FR.UTF-8", "en"},
	} {
		if got, err := language(row.asked, row.system); err != nil || got != row.want {
			t.Errorf("asked %q, system %q: %q, %v; want %q", row.asked, row.system, got, err, row.want)
		}
	}
	if _, err := language("tlh", ""); exitOf(err) != exitUsage {
		t.Errorf("a language without words: %v", err)
	}
}

func TestOptionsOfTheWindowAreChecked(t *testing.T) {
	for _, row := range []struct {
		o  windowOptions
		ok bool
	}{
		{windowOptions{volume: -1}, true}, {windowOptions{volume: 3, scale: 1.5}, true},
		{windowOptions{volume: 4}, false}, {windowOptions{scale: 0.1}, false}, {windowOptions{scale: 9}, false},
	} {
		if err := row.o.check(); (err == nil) != row.ok {
			t.Errorf("%+v: %v", row.o, err)
		}
	}
}

func TestAReceiptIsKeptUnderANameThatEveryFileSystemTakes(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	path, err := keepReceipt(model.Receipt{SaleID: "../a/b:c", Text: "PAID\n"})
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(home, "posagent-receipts", "___a_b_c.txt"); path != want {
		t.Errorf("kept in %s, not in %s", path, want)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "PAID\n" {
		t.Errorf("it holds %q, %v", text, err)
	}
}

func TestAReceiptThatIsNotPrintedIsKept(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("nothing prints text there")
	}
	bin, home := t.TempDir(), t.TempDir()
	t.Setenv("PATH", bin)
	t.Setenv("HOME", home)
	r := model.Receipt{SaleID: "R-1", Text: "PAID\n"}
	if !noPrinter() {
		t.Fatal("a printer is found in an empty folder")
	}
	if file, err := printReceipt(r); file == "" || err == nil {
		t.Errorf("without a printer: %q, %v", file, err)
	}
	printer := func(script string) {
		if err := os.WriteFile(filepath.Join(bin, "lp"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	printer("while read -r line; do echo \"$line\"; done > " + filepath.Join(home, "paper"))
	if file, err := printReceipt(r); file != "" || err != nil || noPrinter() {
		t.Errorf("with a printer: %q, %v", file, err)
	}
	if paper, err := os.ReadFile(filepath.Join(home, "paper")); err != nil || string(paper) != r.Text {
		t.Errorf("printed %q, %v", paper, err)
	}
	printer("echo out of paper; exit 1")
	file, err := printReceipt(r)
	if text, _ := os.ReadFile(file); string(text) != r.Text || err == nil || !strings.Contains(err.Error(), "out of paper") {
		t.Errorf("with a printer that fails: %q, %q, %v", file, text, err)
	}
	if file, err := printReceipt(model.Receipt{SaleID: "R-2", PDF: []byte("%PDF-")}); !strings.HasSuffix(file, "R-2.pdf") || err == nil {
		t.Errorf("a PDF is no text to print: %q, %v", file, err)
	}
}

func TestEveryPretendCodeOfALessonCanBeScanned(t *testing.T) {
	for _, p := range lessonLabels() {
		if p.scenario == "" {
			continue
		}
		if _, ok := sandbox.Lookup(p.scenario); !ok {
			t.Errorf("%s: the pretend gateway has no scenario %q", p.id, p.scenario)
		}
	}
}
