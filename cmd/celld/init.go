package main

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cmd/celld/config"
	"github.com/spf13/cobra"
)

func initCommand() *cobra.Command {
	var dir, name, listen string
	var hosts []string
	var replicas int
	var secure bool
	c := &cobra.Command{
		Use:   "init --dir DIR",
		Short: "Make the configuration files and data directories of a new cell",
		Long: "init writes DIR/replica-i.yaml and the data directory DIR/data-i for each replica, and\n" +
			"touches nothing that exists. With --hosts copy replica-i.yaml and data-i to host i.\n" +
			"The cell is born when all its replicas have been started once.",
		Example: "  celld init --dir cell\n  celld init --dir cell --hosts a.example,b.example,c.example",
		Args:    cobra.NoArgs,
	}
	f := c.Flags()
	f.StringVar(&dir, "dir", "", "where to write; made if missing")
	f.StringVar(&name, "cell", "local", "name of the cell")
	f.StringVar(&listen, "listen", "", "HOST:P; replica i serves clients at P+i, peers at P+10+i, HTTP at P+20+i"+
		" (default 127.0.0.1:7400)")
	f.StringSliceVar(&hosts, "hosts", nil, "one host a replica, HOST or HOST:P; the ports are P+1, P+11, P+21 on each")
	f.BoolVar(&secure, "tls", false, "make an authority, and certificates for the replicas and an admin")
	f.IntVar(&replicas, "replicas", 5, "how many: 3, 5 or 7; 1 for trials")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if dir == "" {
			return &config.Wrong{Key: "--dir", Why: "is missing: celld init --dir DIR"}
		}
		given := 0
		if f.Changed("replicas") || len(hosts) == 0 {
			given = replicas
		}
		members, err := layOut(listen, hosts, given)
		if err != nil {
			return err
		}
		warnings, err := config.Init(dir, name, members, secure)
		if err != nil {
			return err
		}
		for _, w := range warnings {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "celld: warning: "+w)
		}
		return sayMade(cmd, dir, name, members)
	}
	return c
}

// layOut gives the addresses; replicas is 0 where the hosts alone say how many.
func layOut(listen string, hosts []string, replicas int) (cell.Members, error) {
	switch {
	case listen != "" && len(hosts) > 0:
		return nil, &config.Wrong{Key: "--listen", Why: "cannot stand beside --hosts: one says where the replicas are"}
	case len(hosts) > 0 && replicas != 0 && replicas != len(hosts):
		return nil, &config.Wrong{Key: "--replicas", Why: fmt.Sprintf("%d, but --hosts names %d", replicas, len(hosts))}
	case len(hosts) > 0:
		return config.Hosts(hosts)
	case replicas < 1 || replicas > 100:
		return nil, &config.Wrong{Key: "--replicas", Why: fmt.Sprintf("%d; use 3, 5 or 7", replicas)}
	case listen == "":
		listen = fmt.Sprintf("127.0.0.1:%d", config.FirstPort)
	}
	return config.OneHost(listen, replicas)
}

func sayMade(cmd *cobra.Command, dir, name string, members cell.Members) error {
	out := cmd.OutOrStdout()
	_, err := fmt.Fprintf(out, "cell %s: start every replica once, and it is born\n", name)
	for _, m := range members {
		_, err = fmt.Fprintf(out, "  celld serve --config %s   # clients %s, peers %s, http %s\n",
			config.FileOf(dir, m.ID), m.Client, m.Peer, m.HTTP)
	}
	return err
}
