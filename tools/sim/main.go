package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"time"

	"github.com/leasehold/leasehold/tools/sim/world"
)

type options struct {
	seed    uint64
	seeded  bool
	count   int
	counted bool
	seconds int
	verbose bool
	forever bool
}

func main() {
	debug.SetGCPercent(2000) // a run's garbage is many times what it keeps
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run runs the seeds that args ask for until a rule is broken, or until ctx ends.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args, errs)
	if err != nil {
		return 2
	}
	if !o.seeded {
		o.seed = uint64(rand.Uint32())
	}
	fmt.Fprintf(out, "seed %d\n", o.seed)
	t := tally{began: time.Now(), first: o.seed}
	broken := ""
	for r := range o.results(ctx, out) {
		t.add(r)
		if r.Broken != nil {
			what, more, _ := strings.Cut(r.Broken.Error(), "\n")
			fmt.Fprint(out, more)
			broken = fmt.Sprintf("%s; -seed %d", strings.TrimSuffix(what, ":"), r.seed)
			break
		}
		if o.verbose || !o.forever && o.count == 1 {
			fmt.Fprintf(out, "run %d ends at %v, fingerprint %016x\n", r.seed, r.Simulated, r.Fingerprint)
		}
		if o.forever && t.sum.Runs%1000 == 0 {
			fmt.Fprintln(out, t.wall())
		}
	}
	fmt.Fprint(out, t.sum.String())
	fmt.Fprintln(out, t.wall())
	if broken != "" {
		fmt.Fprintln(out, broken)
		return 1
	}
	return 0
}

// tally is what has come of all seeds so far.
type tally struct {
	began     time.Time
	first     uint64
	sum       world.Counters
	simulated world.True
}

func (t *tally) add(r outcome) {
	t.sum.Add(r.Counters)
	t.simulated += r.Simulated
}

// wall is the one line that tells of real time.
func (t *tally) wall() string {
	took, lived := time.Since(t.began).Seconds(), float64(t.simulated)/1e9
	return fmt.Sprintf("wall %.1f s for %d seeds from %d on: %.3f simulated hours a second, %.0f times as fast as life",
		took, t.sum.Runs, t.first, lived/3600/took, lived/took)
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("sim", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Uint64Var(&o.seed, "seed", 0, "the first seed; without it a random one")
	f.IntVar(&o.count, "n", 1, "how many seeds")
	f.IntVar(&o.seconds, "seconds", 60, "how many simulated seconds a run lasts at least")
	f.BoolVar(&o.verbose, "v", false, "one line for each change of state")
	f.BoolVar(&o.forever, "forever", false, "go on until a rule is broken, or until an interrupt")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	f.Visit(func(f *flag.Flag) {
		o.seeded = o.seeded || f.Name == "seed"
		o.counted = o.counted || f.Name == "n"
	})
	if f.NArg() > 0 || o.count < 1 || o.seconds < 0 || o.forever && o.counted {
		fmt.Fprintln(errs, "usage: sim [-seed N] [-n COUNT | -forever] [-seconds 60] [-v]")
		return o, flag.ErrHelp
	}
	return o, nil
}
