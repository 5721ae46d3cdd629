package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/leasehold/leasehold/tools/bench/proc"
	"github.com/leasehold/leasehold/tools/bench/system"
	"github.com/leasehold/leasehold/tools/bench/workload"
)

// settings are the command's flags.
type settings struct {
	out, raw   string
	svg        string
	curves     string
	rounds     int
	seconds    float64
	only       string
	systems    string
	quick      bool
	spread     bool
	skipHeavy  bool
	idle       int
	nodes      int
	dir        string
	jars       string
	keepFailed bool
	houses     bool
	crowd      int
	endpoints  string
}

func flags() settings {
	var s settings
	flag.StringVar(&s.out, "o", "", "where the report goes; standard output if not given")
	flag.StringVar(&s.raw, "raw", "", "where the results of every round go, as JSON")
	flag.StringVar(&s.svg, "svg", "", "where a picture of the rates goes, as SVG; beside the report if not given")
	flag.StringVar(&s.curves, "curves", "", "where rates and latencies over the number of sessions go, as SVG;"+
		" beside the report if not given")
	flag.IntVar(&s.rounds, "rounds", 3, "how often each system has its turn")
	flag.Float64Var(&s.seconds, "seconds", 5, "how long a closed loop is counted")
	flag.StringVar(&s.only, "only", "", "workloads, by comma:"+
		" write read replica-read cached-read lock contend watch gap sessions die load")
	flag.StringVar(&s.systems, "systems", "leasehold,floor,etcd,zookeeper", "systems, by comma, in this order")
	flag.BoolVar(&s.quick, "quick", false, "small numbers, to see that it works")
	flag.BoolVar(&s.spread, "spread", false, "the peers' clients over all servers, not all at the leader")
	flag.BoolVar(&s.skipHeavy, "light", false, "leave out the workloads that take long: sessions, die and load")
	flag.IntVar(&s.idle, "idle", 0, "how many idle sessions; 0 is as -quick says")
	flag.IntVar(&s.nodes, "nodes", 0, "how many nodes to load; 0 is as -quick says")
	flag.StringVar(&s.dir, "dir", "", "where the data goes while it runs; a temporary folder if not given")
	flag.StringVar(&s.jars, "jars", system.DebianJars, "the folder with zookeeper.jar")
	flag.BoolVar(&s.keepFailed, "keep", false, "keep data and logs of a system that failed a case")
	flag.BoolVar(&s.houses, "houses", false, "each server in a network namespace of its own, so that one can be cut off;"+
		" needs root and ip")
	flag.IntVar(&s.crowd, "crowd", 0, "be a process with so many sessions of leasehold: the workload die starts it")
	flag.StringVar(&s.endpoints, "endpoints", "", "where those sessions go")
	flag.Parse()
	return s.pictured()
}

// pictured puts the pictures beside a report that is a file.
func (s settings) pictured() settings {
	if s.out == "" {
		return s
	}
	beside := strings.TrimSuffix(s.out, filepath.Ext(s.out))
	s.svg = cmp.Or(s.svg, beside+".svg")
	s.curves = cmp.Or(s.curves, beside+"-curves.svg")
	return s
}

func (s settings) size() workload.Size {
	size := workload.Usual(s.seconds)
	if s.quick {
		size = workload.Quick(s.seconds)
	}
	if s.idle > 0 {
		size.Idle = s.idle
	}
	if s.nodes > 0 {
		size.Nodes = s.nodes
	}
	if s.spread {
		size.Where = system.Spread
	}
	return size
}

// list splits what was given by comma; nothing is nothing.
func list(given string) []string {
	return strings.FieldsFunc(given, func(r rune) bool { return r == ',' || r == ' ' })
}

func (s settings) choose() ([]system.System, error) {
	var houses system.Houses
	if s.houses {
		var err error
		if houses, err = proc.Houses(system.Replicas); err != nil {
			return nil, fmt.Errorf("-houses: %w", err)
		}
	}
	known := []system.System{&system.Leasehold{Houses: houses}, &system.Floor{}, &system.Etcd{Houses: houses},
		&system.ZooKeeper{Houses: houses, Lib: s.jars}}
	var chosen []system.System
	for _, name := range list(s.systems) {
		found := false
		for _, k := range known {
			if k.Name() == name {
				chosen, found = append(chosen, k), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no system is called %q", name)
		}
	}
	return chosen, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := flags()
	work := func() error { return run(ctx, s) }
	if s.houses {
		already, err := proc.Apart()
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		if !already {
			return
		}
	}
	if s.crowd > 0 {
		work = func() error { return system.Hold(ctx, list(s.endpoints), s.crowd) }
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
