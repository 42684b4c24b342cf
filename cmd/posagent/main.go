// Command posagent takes in-store wallet payments at a shop's checkout: it reads
// the customer's payment code, charges it, and ends with a proven result.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

// run is the whole program but for the end of the process, so that tests start
// the very same one.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(ctx, program{
		args: os.Args[1:], env: os.Environ(),
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
	})
}
