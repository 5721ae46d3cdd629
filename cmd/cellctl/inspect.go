package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/spf13/cobra"
)

const watchInterval = time.Second // between two pictures of status --watch and locks --watch

func (a *app) statusCommand() *cobra.Command {
	var watch bool
	c := &cobra.Command{
		Use: "status", Short: "Show the cell, replica by replica; works without a master", Args: a.none,
	}
	c.Flags().BoolVar(&watch, "watch", false, "again every second, until a signal")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.asking(cmd.Context(), "", func(ctx context.Context, c *client.Client) error {
			if !watch {
				return a.status(ctx, c, out.Printer.Status)
			}
			return a.again(ctx, func() error {
				err := a.status(ctx, c, out.Printer.StatusLine)
				if errors.Is(err, cell.ErrNoMaster) {
					return nil // it has been shown; the next picture may be better
				}
				return err
			})
		})
	}
	return c
}

// status prints what the replicas say, and fails if none says anything.
func (a *app) status(ctx context.Context, c *client.Client, print func(out.Printer, client.Status) error) error {
	ctx, cancel := a.request(ctx)
	defer cancel()
	s, err := c.Status(ctx)
	if err != nil && len(s.Replicas) == 0 {
		return err
	}
	if err := print(a.printer(), s); err != nil {
		return err
	}
	return unanswered(s)
}

func unanswered(s client.Status) error {
	none := &client.NoMasterError{}
	for _, r := range s.Replicas {
		if r.Err == nil {
			return nil
		}
		none.Endpoints = append(none.Endpoints, client.EndpointError{Endpoint: r.Client, Err: r.Err})
	}
	return none
}

func (a *app) locksCommand() *cobra.Command {
	var watch bool
	c := &cobra.Command{
		Use: "locks [NAME]", Short: "Show who holds what at NAME and below, and who waits",
		Args: a.named(0, 1), ValidArgsFunction: a.completeName,
	}
	c.Flags().BoolVar(&watch, "watch", false, "again every second, until a signal")
	c.RunE = func(cmd *cobra.Command, args []string) (err error) {
		var name cell.Name
		if len(args) > 0 {
			if name, err = nameArg(args); err != nil {
				return err
			}
		}
		return a.asking(cmd.Context(), name, func(ctx context.Context, c *client.Client) (err error) {
			if name == "" {
				if name, err = a.rootOf(ctx, c); err != nil {
					return err
				}
			}
			if !watch {
				return a.locks(ctx, c, name, out.Printer.Locks)
			}
			return a.again(ctx, func() error { return a.locks(ctx, c, name, out.Printer.LocksAgain) })
		})
	}
	return c
}

func (a *app) locks(ctx context.Context, c *client.Client, name cell.Name,
	print func(out.Printer, []client.LockInfo) error) error {
	ctx, cancel := a.request(ctx)
	defer cancel()
	locks, err := c.Locks(ctx, string(name))
	if err != nil {
		return err
	}
	return print(a.printer(), locks)
}

// rootOf asks which cell it is that answers.
func (a *app) rootOf(ctx context.Context, c *client.Client) (cell.Name, error) {
	ctx, cancel := a.request(ctx)
	defer cancel()
	s, err := c.Status(ctx)
	if s.Cell == "" {
		return "", errors.Join(err, unanswered(s))
	}
	return cell.RootName(s.Cell)
}

func (a *app) lockShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show one lock: holders, sequencers, countdown, waiters in order",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.reading(cmd, args, func(ctx context.Context, c *client.Client, name cell.Name) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				l, err := c.LockOf(ctx, string(name))
				if err != nil {
					return err
				}
				return a.printer().Lock(l)
			})
		},
	}
}

func (a *app) seqCommand() *cobra.Command {
	c := &cobra.Command{Use: "seq", Short: "Check sequencers", Args: onlySubcommands, RunE: onlySubcommands}
	c.AddCommand(&cobra.Command{
		Use: "check SEQUENCER", Short: "Exit 0 if the hold of a sequencer stands, 4 if it is stale",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("one SEQUENCER is wanted: %s", cmd.UseLine())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := cell.ParseSequencer(args[0])
			if err != nil {
				return err
			}
			return a.asking(cmd.Context(), q.Name, func(ctx context.Context, c *client.Client) error {
				return a.check(ctx, c, q)
			})
		},
	})
	return c
}

func (a *app) check(ctx context.Context, c *client.Client, q cell.Sequencer) error {
	ctx, cancel := a.request(ctx)
	defer cancel()
	err := c.CheckSequencer(ctx, q)
	stale := errors.Is(err, cell.ErrStaleSequencer)
	if err != nil && !stale {
		return err
	}
	return errors.Join(err, a.printer().Valid(!stale))
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: a.none,
		RunE: func(*cobra.Command, []string) error {
			v := out.Version{Version: "(devel)", Go: runtime.Version(), Format: cell.Format}
			if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
				v.Version = info.Main.Version
			}
			return a.printer().Version(v)
		},
	}
}

// again shows picture after picture until ctx ends. On a terminal each takes the place of the
// last one.
func (a *app) again(ctx context.Context, show func() error) error {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		if isTerminal(a.out) && !a.format.Machine() {
			_, _ = io.WriteString(a.out, "\x1b[H\x1b[2J")
		}
		if err := show(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
