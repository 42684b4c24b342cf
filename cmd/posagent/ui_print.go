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
// receipt printer takes. What is not printed is kept as a file, whose path it returns.
func printReceipt(r model.Receipt) (file string, err error) {
	err = errors.New("no printer is set up")
	if program := printProgram(); program != "" && r.Text != "" {
		if err = feed(program, r.Text); err == nil {
			return "", nil
		}
	}
	file, failed := keepReceipt(r)
	if failed != nil {
		return "", errors.Join(err, failed)
	}
	return file, fmt.Errorf("%w; the receipt is in %s", err, file)
}

// noPrinter tells that nothing prints text here, so that a file has to do: a PDF is one
// that any program prints.
func noPrinter() bool { return printProgram() == "" }

// printProgram is what prints text, "" if nothing does.
func printProgram() string {
	if runtime.GOOS == "windows" {
		return ""
	}
	for _, name := range []string{"lp", "lpr"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
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
