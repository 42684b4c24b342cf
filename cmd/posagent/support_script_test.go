package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func appendTo(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "append FILE OTHER")
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	_, err = f.WriteString(ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(f.Close())
}

func unzip(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) == 2, "unzip FILE DIRECTORY")
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	for _, f := range z.File {
		if f.Mode().Perm() != 0o600 {
			ts.Fatalf("%s in the zip has mode %v", f.Name, f.Mode())
		}
		path := filepath.Join(ts.MkAbs(args[1]), filepath.FromSlash(f.Name))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
		r, err := f.Open()
		ts.Check(err)
		text, err := io.ReadAll(r)
		ts.Check(err)
		ts.Check(r.Close())
		ts.Check(os.WriteFile(path, text, 0o600))
	}
}

func nothingBut(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg, "nothing-but FILE.zip...")
	entries, err := os.ReadDir(ts.MkAbs("."))
	ts.Check(err)
	for _, e := range entries {
		zipped := strings.HasSuffix(e.Name(), ".zip") && !slices.Contains(args, e.Name())
		if zipped || strings.HasPrefix(e.Name(), ".posagent-support") {
			ts.Fatalf("left behind: %s", e.Name())
		}
	}
}
