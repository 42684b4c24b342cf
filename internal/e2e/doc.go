// Package e2e proves the whole program from outside. The daemon runs as a
// process of its own; the gateway is the sandbox in the test's process, so that
// its ledger, the customers' side of the story, can be compared with what the
// till shows; the scanner is a virtual one on a real pseudo-terminal. The package
// has tests only.
//
//	go test ./internal/e2e                      everything, some two minutes
//	go test ./internal/e2e -short               without the slow ones
//	go test ./internal/e2e -run Kill -v -kill.count=2000 -kill.seed=7
package e2e
