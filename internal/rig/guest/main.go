// Command guest is the first process of the rig's machine. It loads the drivers,
// plugs scanners in, runs posagent as a shop would, judges what happens, and
// turns the machine off. It is of no use anywhere else.
package main

import (
	"fmt"
	"os"
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "guest: this runs as the first process of the rig's machine only: make rig")
		os.Exit(2)
	}
	play(os.Args[1:])
}
