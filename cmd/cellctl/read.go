package main

import (
	"context"
	"errors"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/spf13/cobra"
)

func (a *app) getCommand() *cobra.Command {
	return &cobra.Command{
		Use: "get NAME", Short: "Print the contents of a node, and nothing else (-o json: what is known of it too)",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName, Annotations: printsValues,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !a.chosen {
				a.format = out.Value
			}
			return a.reading(cmd, args, func(ctx context.Context, c *client.Client, name cell.Name) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				f, err := c.Read(ctx, string(name))
				if err != nil {
					return err
				}
				return a.printer().File(f)
			})
		},
	}
}

func (a *app) statCommand() *cobra.Command {
	return &cobra.Command{
		Use: "stat NAME", Short: "Print what is known of a node",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.reading(cmd, args, func(ctx context.Context, c *client.Client, name cell.Name) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				s, err := c.Stat(ctx, string(name))
				if err != nil {
					return err
				}
				return a.printer().Stat(s)
			})
		},
	}
}

func (a *app) lsCommand() *cobra.Command {
	var long, all bool
	c := &cobra.Command{
		Use: "ls NAME", Short: "Print the children of a node",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName, Annotations: printsValues,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.reading(cmd, args, func(ctx context.Context, c *client.Client, name cell.Name) error {
				stats, err := a.below(ctx, c, name, all)
				if err != nil {
					return err
				}
				return a.printer().List(stats, long)
			})
		},
	}
	c.Flags().BoolVarP(&long, "long", "l", false, "with size, children, generation, owner, time and zxid")
	c.Flags().BoolVarP(&all, "recursive", "R", false, "everything below")
	return c
}

func (a *app) treeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "tree NAME", Short: "Draw everything below a node",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.reading(cmd, args, func(ctx context.Context, c *client.Client, name cell.Name) error {
				stats, err := a.below(ctx, c, name, true)
				if err != nil {
					return err
				}
				return a.printer().Tree(name, stats)
			})
		},
	}
}

func (a *app) reading(cmd *cobra.Command, args []string,
	read func(context.Context, *client.Client, cell.Name) error) error {
	name, err := nameArg(args)
	if err != nil {
		return err
	}
	return a.asking(cmd.Context(), name, func(ctx context.Context, c *client.Client) error {
		return read(ctx, c, name)
	})
}

// below lists name's children, or with all everything below, each parent before its children.
// The lists are of different moments; what has gone in between is left out.
func (a *app) below(ctx context.Context, c *client.Client, name cell.Name, all bool) ([]cell.Stat, error) {
	children, err := a.children(ctx, c, name)
	if err != nil || !all {
		return children, err
	}
	var out []cell.Stat
	for _, s := range children {
		out = append(out, s)
		if s.Children == 0 {
			continue
		}
		deeper, err := a.below(ctx, c, s.Name, true)
		if err != nil && !errors.Is(err, cell.ErrNotFound) {
			return nil, err
		}
		out = append(out, deeper...)
	}
	return out, nil
}

func (a *app) children(ctx context.Context, c *client.Client, name cell.Name) ([]cell.Stat, error) {
	ctx, cancel := a.request(ctx)
	defer cancel()
	return c.List(ctx, string(name))
}
