// Command host makes what the rig needs, boots the machine, prints what the
// guest finds, and ends with 1 if anything did not hold.
//
//	host [-quick] [-run REGEXP] [-verbose] [-icount=false] [-dir build/rig]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "the short run: fewer scenarios, smaller counts")
	flag.StringVar(&o.run, "run", ".", "play the scenarios whose names match")
	flag.StringVar(&o.dir, "dir", filepath.Join("build", "rig"), "where downloads and images lie")
	flag.StringVar(&o.tags, "tags", "headless", "build tags of posagent")
	flag.BoolVar(&o.verbose, "verbose", false, "print notes and the whole console")
	flag.BoolVar(&o.instructions, "icount", true, "guest time follows instructions, 4 ns each: a busy host changes no result; false: as fast as it goes")
	flag.DurationVar(&o.limit, "limit", 15*time.Minute, "end the machine after this time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	ok, err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "rig:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}
