package main

import (
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"posagent/internal/pkitest"
)

// pki makes a throw-away PKI in a folder: ca.pem, NAME.pem and NAME.key for each
// name, and other.pem with other.key of an authority that nobody knows.
func pki(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, !neg && len(args) > 1, "pki DIR NAME...")
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ca, stranger := pkitest.New(scriptT{ts}, "Sunrise till CA"), pkitest.New(scriptT{ts}, "another CA")
	put := func(name string, data []byte) { ts.Check(os.WriteFile(dir+"/"+name, data, 0o600)) }
	put("ca.pem", ca.PEM())
	for i, name := range append(args[1:], "other") {
		from := ca
		if name == "other" {
			from = stranger
		}
		cert, key := from.Issue(name, int64(i+10), time.Hour)
		put(name+".pem", cert)
		put(name+".key", key)
	}
	port, err := freePort()
	ts.Check(err)
	ts.Setenv("ADMIN", "127.0.0.1:"+strconv.Itoa(port))
}
