package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/report"
	"github.com/leasehold/leasehold/tools/bench/system"
	"github.com/leasehold/leasehold/tools/bench/workload"
)

// runner goes through the turns of a run and gathers.
type runner struct {
	settings
	size   workload.Size
	root   string // everything on disk is below it
	report report.Report
}

func run(ctx context.Context, s settings) error {
	systems, err := s.choose()
	if err != nil {
		return err
	}
	light, err := workload.Select(workload.All(), list(s.only))
	if err != nil {
		return err
	}
	heavy, _ := workload.Select(workload.Heavy(), list(s.only))
	if s.skipHeavy {
		heavy = nil
	}
	root, err := os.MkdirTemp(s.dir, "leasehold-bench-")
	if err != nil {
		return err
	}
	r := &runner{settings: s, size: s.size(), root: root}
	if !s.keepFailed {
		defer func() { _ = os.RemoveAll(root) }()
	}
	r.begin()
	systems = r.build(ctx, systems)
	r.rounds(ctx, systems, light, heavy)
	if r.settings.out == "" {
		err = r.report.Write(os.Stdout)
	}
	return errors.Join(err, r.save(), ctx.Err())
}

func (r *runner) begin() {
	r.report = report.Report{Began: time.Now(), Rounds: r.settings.rounds, Machine: report.Machine(r.root),
		Command: "go run . " + strings.Join(os.Args[1:], " "), Notes: r.notes()}
}

func (r *runner) notes() []string {
	where := "the peers' clients speak to the leader: one hop less for them"
	if r.settings.spread {
		where = "the peers' clients are spread over the five servers, one connection each"
	}
	return []string{
		fmt.Sprintf("%d rounds; in each every system in turn, alone, on empty disks; medians, and (least–most) of the"+
			" first value", r.settings.rounds),
		fmt.Sprintf("each turn begins with %v of writes and locks that are not counted (the JVM compiles meanwhile)",
			r.size.TurnWarm),
		fmt.Sprintf("closed loops: %v not counted, then %v; N×M is N clients on as many connections with M calls"+
			" in flight each", r.size.Times.Warm, r.size.Times.Length),
		"clients and servers share this machine: the driver's CPU is in every figure",
		where,
		"reads are linearizable (etcd: quorum read; ZooKeeper: sync, then get); loose reads are one server's own" +
			" (etcd: serializable; ZooKeeper: get) and may be old",
		"cached-read: leasehold from the client's consistent cache, the others a linearizable read each",
		"contend: from the call of unlock to the return of the next holder's Lock",
		"watch: from the call of the write until the last watcher has the contents, each on its own connection",
		"gap: one client, of the peers at a follower that stays, begins a write every 10 ms, or 2 where the" +
			" master is told to end; longest time between two that succeeded",
		"gap, cut off: with -houses; each server in a network namespace, the master's taken off the bridge in silence",
		"die: a process with many sessions is killed; somebody else's writes, one every 5 ms, until the last has expired",
		"memory is anonymous pages in RAM, garbage included: only large differences mean something; with mapped files:" +
			" also those pages of files that the server has mapped (etcd keeps its data so)",
	}
}

// build makes the systems, and leaves out what cannot be made.
func (r *runner) build(ctx context.Context, systems []system.System) []system.System {
	var built []system.System
	for _, s := range systems {
		say("building %s", s.Name())
		row := report.System{Name: s.Name()}
		if err := s.Build(ctx, r.root); err != nil {
			row.Missing = err.Error()
			say("%s is left out: %v", s.Name(), err)
		} else {
			row.Facts = s.Facts()
			built = append(built, s)
		}
		r.report.Systems = append(r.report.Systems, row)
	}
	return built
}

// rounds gives every system its turns: A B C, A B C, …; then the long cases.
func (r *runner) rounds(ctx context.Context, systems []system.System, light, heavy []workload.Case) {
	for _, c := range slices.Concat(light, heavy) {
		r.report.Cases = append(r.report.Cases, c.Name)
	}
	for _, t := range turns(len(systems), r.settings.rounds) {
		if len(light) > 0 {
			r.turn(ctx, systems[t.system], light, t.round)
		}
	}
	for _, c := range heavy {
		for _, s := range systems {
			r.turn(ctx, s, []workload.Case{c}, 1)
		}
	}
}

// turn is one system's time in one round.
type turn struct{ round, system int }

func turns(systems, rounds int) []turn {
	var all []turn
	for round := range rounds {
		for s := range systems {
			all = append(all, turn{round + 1, s})
		}
	}
	return all
}

func (r *runner) turn(ctx context.Context, s system.System, cases []workload.Case, round int) {
	if ctx.Err() != nil {
		return
	}
	dir, err := os.MkdirTemp(r.root, s.Name()+"-")
	if err == nil {
		say("round %d: %s", round, s.Name())
		err = s.Start(ctx, dir)
	}
	defer func() {
		system.StopAll(s)
		if !r.settings.keepFailed {
			_ = os.RemoveAll(dir)
		}
	}()
	if err != nil {
		r.add(measure.Result{System: s.Name(), Case: "start", Round: round, Error: err.Error() + tails(s)})
		return
	}
	if err := workload.Warm(ctx, s, r.size); err != nil {
		say("  warming up: %v", err)
	}
	for _, c := range cases {
		r.one(ctx, s, c, round)
	}
	if err := r.save(); err != nil {
		say("%v", err)
	}
}

// casePatience bounds a case, so that a hung system does not hold up the others.
const casePatience = 30 * time.Minute

func (r *runner) one(ctx context.Context, s system.System, c workload.Case, round int) {
	if ctx.Err() != nil {
		return
	}
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, casePatience)
	defer cancel()
	result := measure.Result{System: s.Name(), Case: c.Name, Round: round}
	err := s.Ready(ctx) // also finds out anew who is master
	var values []measure.Value
	if err == nil {
		values, err = c.Run(ctx, s, r.size)
	}
	switch {
	case errors.Is(err, workload.ErrCannot), whole.Err() != nil: // a case cut short says nothing
		return
	case err != nil:
		result.Error = err.Error() + tails(s)
	default:
		result.Values = values
	}
	r.add(result)
}

func (r *runner) add(result measure.Result) {
	r.report.Results = append(r.report.Results, result)
	line := fmt.Sprintf("  %-28s", result.Case)
	for _, v := range result.Values {
		line += fmt.Sprintf("  %s %.4g %s", v.Name, v.X, v.Unit.Name)
	}
	say("%s %s", line, result.Error)
}

// tails gives the ends of the logs of servers that ended by themselves.
func tails(s system.System) string {
	const most = 300
	var b strings.Builder
	for _, p := range s.Procs() {
		if p.Running() {
			continue
		}
		log, _ := os.ReadFile(p.Log)
		fmt.Fprintf(&b, "; %s has ended: %q", p.Name, log[max(0, len(log)-most):])
	}
	return b.String()
}

// save writes what there is so far: a run that is ended early has a report of what it did.
func (r *runner) save() error {
	r.report.Ended = time.Now()
	if r.settings.raw != "" {
		raw, err := json.MarshalIndent(r.report, "", " ")
		if err == nil {
			err = os.WriteFile(filepath.Clean(r.settings.raw), append(raw, '\n'), 0o644)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(writeTo(r.settings.out, r.report.Write), writeTo(r.settings.svg, r.report.Plot),
		writeTo(r.settings.curves, r.report.Curves))
}

// writeTo makes a file; no name is no file.
func writeTo(path string, write func(io.Writer) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Create(filepath.Clean(path))
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
