package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/spf13/cobra"
)

// mostContents is what no cell takes more than; a cell's own limit may be lower.
const mostContents = 1 << 20

// value reads a VALUE argument: "-" is standard input to its end.
func (a *app) value(arg string) ([]byte, error) {
	if arg != "-" {
		return []byte(arg), nil
	}
	b, err := io.ReadAll(io.LimitReader(a.in, mostContents+1))
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	if len(b) > mostContents {
		return nil, fmt.Errorf("%w: standard input has more than %d bytes, the most that any cell takes as a VALUE",
			cell.ErrTooLarge, mostContents)
	}
	return b, nil
}

func (a *app) putCommand() *cobra.Command {
	var create bool
	var generation uint64
	var held string
	c := &cobra.Command{
		Use: "put NAME VALUE|-", Short: "Replace the contents of a node; prints its new generation",
		Example: "  cellctl put /ls/local/app/limit 10\n  make config | cellctl put /ls/local/app/config - --create",
		Args:    a.named(2, 2), ValidArgsFunction: a.completeName,
	}
	c.Flags().BoolVar(&create, "create", false, "make the node if it is missing")
	c.Flags().Uint64Var(&generation, "if-generation", 0, "only if that is its content generation")
	c.Flags().StringVar(&held, "if-held", "", "only while the hold of this sequencer stands")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := nameArg(args)
		if err != nil {
			return err
		}
		var o []client.WriteOption
		if create {
			o = append(o, client.OrCreate())
		}
		if cmd.Flags().Changed("if-generation") {
			o = append(o, client.IfGeneration(generation))
		}
		if held != "" {
			q, err := cell.ParseSequencer(held)
			if err != nil {
				return err
			}
			o = append(o, client.IfHeld(q))
		}
		data, err := a.value(args[1])
		if err != nil {
			return err
		}
		return a.within(cmd.Context(), name, func(ctx context.Context, s *client.Session) error {
			ctx, cancel := a.request(ctx)
			defer cancel()
			stat, err := s.Write(ctx, string(name), data, o...)
			if err != nil {
				return err
			}
			return a.printer().Written(stat)
		})
	}
	return c
}

func (a *app) rmCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: "rm NAME", Short: "Remove a node",
		Long: "rm removes a node without children. With -r everything below goes first, leaves before their\n" +
			"parents, one by one: it is not atomic, and it stops at what it may not take.",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
	}
	c.Flags().BoolVarP(&all, "recursive", "r", false, "with everything below")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := nameArg(args)
		if err != nil {
			return err
		}
		if all && name.IsRoot() {
			return fmt.Errorf("%w: %s is the root, which is never deleted; nothing below it was", cell.ErrDenied, name)
		}
		return a.within(cmd.Context(), name, func(ctx context.Context, s *client.Session) error {
			if all {
				if err := a.removeBelow(ctx, s, name); err != nil {
					return err
				}
			}
			if err := a.remove(ctx, s, name); err != nil {
				return err
			}
			return a.printer().Removed(name)
		})
	}
	return c
}

// removeBelow removes everything below name. What somebody else removed meanwhile is as well.
func (a *app) removeBelow(ctx context.Context, s *client.Session, name cell.Name) error {
	listing, cancel := a.request(ctx)
	children, err := s.List(listing, string(name), client.Uncached())
	cancel()
	if err != nil {
		return err
	}
	for _, child := range children {
		if child.Children > 0 {
			if err := a.removeBelow(ctx, s, child.Name); err != nil && !errors.Is(err, cell.ErrNotFound) {
				return err
			}
		}
		if err := a.remove(ctx, s, child.Name); err != nil && !errors.Is(err, cell.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (a *app) remove(ctx context.Context, s *client.Session, name cell.Name) error {
	ctx, cancel := a.request(ctx)
	defer cancel()
	return s.Delete(ctx, string(name))
}

// creation is what the create command was asked for.
type creation struct {
	name                           string // may end in "/" where a number follows
	data                           []byte
	parents, sequential, ephemeral bool
	container                      bool
	ttl                            time.Duration // 0: none
	acl                            cell.ACL
}

func (n *creation) options() (o []client.CreateOption) {
	if n.parents {
		o = append(o, client.Parents())
	}
	if n.sequential {
		o = append(o, client.Sequential())
	}
	if n.ephemeral {
		o = append(o, client.Ephemeral())
	}
	if n.container {
		o = append(o, client.Container())
	}
	if n.ttl != 0 {
		o = append(o, client.TTL(n.ttl))
	}
	if n.acl != (cell.ACL{}) {
		o = append(o, client.WithACL(n.acl))
	}
	return o
}

// check parses the name: with a number to follow it may end in a slash.
func (n *creation) check() (cell.Name, error) {
	if n.sequential {
		return cell.ParseName(strings.TrimSuffix(n.name, "/"))
	}
	return cell.ParseName(n.name)
}

func (a *app) createCommand() *cobra.Command {
	var n creation
	c := &cobra.Command{
		Use: "create NAME [VALUE|-] [-- COMMAND…]", Short: "Make a node; prints its name",
		Long: "create makes a node, empty without VALUE. With --ephemeral the node lives while COMMAND runs, or\n" +
			"until a signal; exit codes are then as of cellctl lock.",
		Example: "  cellctl create /ls/local/app/config - --parents <config\n" +
			"  cellctl create /ls/local/jobs/ --sequential\n" +
			"  cellctl create /ls/local/workers/$HOSTNAME --ephemeral -- ./worker",
		ValidArgsFunction: a.completeName, Annotations: printsValues, DisableFlagsInUseLine: true,
	}
	f := c.Flags()
	f.BoolVar(&n.parents, "parents", false, "make missing ancestors, empty")
	f.BoolVar(&n.sequential, "sequential", false, "append 20 digits, counted per parent; NAME may then end in /")
	f.BoolVar(&n.container, "container", false, "the node goes by itself when its last child has gone")
	f.DurationVar(&n.ttl, "ttl", 0, "the node goes by itself when it has not been written for so long")
	f.BoolVar(&n.ephemeral, "ephemeral", false, "the node goes when cellctl ends")
	nameACLs(f, &n.acl)
	c.Args = func(cmd *cobra.Command, args []string) error {
		if n.ephemeral {
			args, _ = splitCommand(cmd, args)
		}
		return a.named(1, 2)(cmd, args)
	}
	c.RunE = func(cmd *cobra.Command, args []string) (err error) {
		var command []string
		if n.ephemeral {
			args, command = splitCommand(cmd, args)
		}
		n.name = args[0]
		if len(args) > 1 {
			if n.data, err = a.value(args[1]); err != nil {
				return err
			}
		}
		name, err := n.check()
		if err != nil {
			return err
		}
		return a.within(cmd.Context(), name, func(ctx context.Context, s *client.Session) error {
			return a.create(ctx, s, &n, command)
		})
	}
	return c
}

func (a *app) create(ctx context.Context, s *client.Session, n *creation, command []string) error {
	asking, cancel := a.request(ctx)
	stat, err := s.Create(asking, n.name, n.data, n.options()...)
	cancel()
	if err != nil {
		return err
	}
	if n.ephemeral {
		return a.keepNode(ctx, s, stat.Name, command)
	}
	return a.printer().Made(stat)
}
