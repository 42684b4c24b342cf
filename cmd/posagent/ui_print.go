package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"posagent/ui/model"
)

// printReceipt hands a receipt to the system's printer, as text: that is what a
// receipt printer takes. Where no print command is installed it is kept as a file.
func printReceipt(r model.Receipt) error {
	if runtime.GOOS != "windows" {
		for _, name := range []string{"lp", "lpr"} {
			if path, err := exec.LookPath(name); err == nil {
				return feed(path, r.Text)
			}
		}
	}
	path, err := keepReceipt(r)
	return errors.Join(err, fmt.Errorf("no printer is set up; the receipt is in %s", path))
}

func feed(program, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, program)
	c.Stdin = strings.NewReader(text)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("printing failed: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// keepReceipt writes the receipt where the cashier's own files are.
func keepReceipt(r model.Receipt) (string, error) {
	dir, err := os.UserHomeDir()
	if err != nil {
		dir = os.TempDir()
	}
	dir = filepath.Join(dir, "posagent-receipts")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return dir, err
	}
	name, content := fileName(r.SaleID)+".txt", []byte(r.Text)
	if len(r.PDF) > 0 {
		name, content = fileName(r.SaleID)+".pdf", r.PDF
	}
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, content, 0o600)
}

// fileName keeps of an order number what every file system takes.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r == '-', r == '_':
			return r
		}
		return '_'
	}, id)
}
