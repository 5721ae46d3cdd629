package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/leasehold/leasehold/tools/sim/world"
)

type options struct {
	seed    uint64
	seeded  bool
	count   int
	seconds int
	verbose bool
	forever bool
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	o, err := parse(args, errs)
	if err != nil {
		return 2
	}
	if !o.seeded {
		o.seed = uint64(rand.Uint32())
	}
	fmt.Fprintf(out, "seed %d\n", o.seed)
	began := time.Now()
	sum, simulated := world.Counters{}, world.True(0)
	var broken string
	for i := 0; broken == "" && (o.forever || i < o.count); i++ {
		var trace io.Writer
		if o.verbose {
			trace = out
		}
		seed := o.seed + uint64(i)
		r := world.Run(seed, o.seconds, trace)
		sum.Add(r.Counters)
		simulated += r.Simulated
		if r.Broken != nil {
			broken = fmt.Sprintf("%v; -seed %d", r.Broken, seed)
		} else if o.verbose || o.count == 1 {
			fmt.Fprintf(out, "run %d ends at %v, fingerprint %016x\n", seed, r.Simulated, r.Fingerprint)
		}
	}
	fmt.Fprint(out, sum.String())
	took := time.Since(began).Seconds()
	fmt.Fprintf(out, "wall %.1f s, %.0f simulated seconds a second\n", took, float64(simulated)/1e9/took)
	if broken != "" {
		fmt.Fprintln(out, broken)
		return 1
	}
	return 0
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("sim", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Uint64Var(&o.seed, "seed", 0, "the first seed; without it a random one")
	f.IntVar(&o.count, "n", 1, "how many seeds")
	f.IntVar(&o.seconds, "seconds", 60, "how many simulated seconds a run lasts at least")
	f.BoolVar(&o.verbose, "v", false, "one line for each change of state")
	f.BoolVar(&o.forever, "forever", false, "go on until a rule is broken")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	f.Visit(func(f *flag.Flag) { o.seeded = o.seeded || f.Name == "seed" })
	if f.NArg() > 0 || o.count < 1 || o.seconds < 0 {
		fmt.Fprintln(errs, "usage: sim [-seed N] [-n COUNT] [-seconds 60] [-v] [-forever]")
		return o, flag.ErrHelp
	}
	return o, nil
}
