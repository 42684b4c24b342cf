package config

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/gofont/goregular"

	"posagent/internal/supervisor"
)

func TestTheSupervisorsFileIsReadBeforeSomebodyWaitsAtTheTill(t *testing.T) {
	files := daemonFiles()
	files["posagent.toml"] += "[supervisor]\nfile = \"pins.json\"\nrefund = true\n"
	dir, cfg, err := loadDaemon(t, files)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Notes) != 1 || cfg.Notes[0].Key != "supervisor.file" || !strings.Contains(cfg.Notes[0].Remedy, "posagent supervisor set") {
		t.Errorf("without a supervisor: %v", cfg.Notes)
	}
	if err := (supervisor.Book{Path: cfg.Supervisor.File}).Set("Ann", supervisor.NewPIN("314159"), time.Now()); err != nil {
		t.Fatal(err)
	}
	opts := Options{Path: filepath.Join(dir, "posagent.toml"), Explicit: true}
	if cfg, err = Load(opts); err != nil || len(cfg.Notes) != 0 {
		t.Errorf("with one: %v, %v", cfg, err)
	}
	files["pins.json"] = "rubbish"
	dir, _, err = loadDaemon(t, files, "pins.json")
	if err == nil || !strings.Contains(err.Error(), "supervisor.file") || !strings.Contains(err.Error(), "is not a list of supervisors") {
		t.Errorf("damaged, in %s: %v", dir, err)
	}
	if _, _, err = loadDaemon(t, files); runtime.GOOS != "windows" && (err == nil || !strings.Contains(err.Error(), "chmod 0600")) {
		t.Errorf("open to others: %v", err)
	}
}

func TestTheReceiptsFontMustBeThere(t *testing.T) {
	files := daemonFiles()
	files["posagent.toml"] += "[receipt]\nfont_file = \"fonts/shop.ttf\"\n"
	if _, _, err := loadDaemon(t, files); err == nil || !strings.Contains(err.Error(), "receipt.font_file") {
		t.Errorf("missing: %v", err)
	}
	files["fonts/shop.ttf"] = "x"
	if _, _, err := loadDaemon(t, files); err == nil || !strings.Contains(err.Error(), "is not a font") {
		t.Errorf("no font: %v", err)
	}
	files["fonts/shop.ttf"] = string(goregular.TTF)
	if _, _, err := loadDaemon(t, files); err != nil {
		t.Errorf("there: %v", err)
	}
}
