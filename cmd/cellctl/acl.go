package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) aclCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "acl", Short: "Who may do what: get, set, check", Args: onlySubcommands, RunE: onlySubcommands,
		Long: "A node names three ACLs: who may read it, who may write it (its children and its lock too), who may\n" +
			"change these names. A new node has those of its parent. An ACL X is the node /ls/CELL/acl/X, made and\n" +
			"written like any other: a principal a line, * for everybody, # for comments. everybody and admin need\n" +
			"no node: admin has one administrator then, whom the cell's birth record names.",
	}
	c.AddCommand(a.aclGetCommand(), a.aclSetCommand(), a.aclCheckCommand())
	return c
}

func (a *app) aclGetCommand() *cobra.Command {
	return &cobra.Command{
		Use: "get NAME", Short: "Show by which ACLs a node is read, written and given others",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.rights(cmd.Context(), args, "", func(r client.Rights) error { return a.printer().ACL(r) })
		},
	}
}

func (a *app) aclSetCommand() *cobra.Command {
	var acl cell.ACL
	var generation uint64
	var held string
	c := &cobra.Command{
		Use: "set NAME [--read ACL] [--write ACL] [--change ACL]", Short: "Give a node other ACLs",
		Long: "set names other ACLs for NAME; what is left out stays as it is, and so do the nodes below. It prints the\n" +
			"new generation. An ACL that has no node lists nobody: then only administrators may.",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
	}
	f := c.Flags()
	nameACLs(f, &acl)
	f.Uint64Var(&generation, "if-generation", 0, "only at this acl generation, else 4")
	f.StringVar(&held, "if-held", "", "only while this sequencer's hold stands, else 4")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := nameArg(args)
		if err != nil {
			return err
		}
		if acl == (cell.ACL{}) {
			return usagef("one of --read, --write and --change is wanted: %s", cmd.UseLine())
		}
		if why := acl.Invalid(); why != "" {
			return usagef("%s", why)
		}
		var o []client.WriteOption
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
		return a.within(cmd.Context(), name, func(ctx context.Context, s *client.Session) error {
			ctx, cancel := a.request(ctx)
			defer cancel()
			stat, err := s.SetACL(ctx, string(name), acl, o...)
			if err != nil {
				return err
			}
			return a.printer().ACLSet(stat)
		})
	}
	return c
}

var rightWords = []string{"read", "write", "change", "admin"}

func (a *app) aclCheckCommand() *cobra.Command {
	var principal string
	c := &cobra.Command{
		Use: "check NAME [read|write|change|admin] [--principal P]", Short: "Show what somebody may do to a node",
		Long: "check shows what you may do to NAME, or with --principal somebody else: to ask that takes the right to\n" +
			"change its ACL. With a right it exits 7 if that is missing.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 && slices.Contains(rightWords, args[1]) {
				args = args[:1]
			}
			if len(args) != 1 {
				return usagef("a NAME is wanted, and one of %s at most: %s", strings.Join(rightWords, ", "), cmd.UseLine())
			}
			return a.named(1, 1)(cmd, args)
		},
		ValidArgsFunction: a.completeName,
	}
	c.Flags().StringVar(&principal, "principal", "", "whose rights (default: yours)")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return a.rights(cmd.Context(), args, principal, func(r client.Rights) error {
			if err := a.printer().Rights(r); err != nil || len(args) == 1 {
				return err
			}
			if wants := cell.Rights(1) << slices.Index(rightWords, args[1]); r.May&wants == 0 {
				return fmt.Errorf("%w: %s lacks the right %s to %s", cell.ErrDenied, r.Principal, args[1], r.Name)
			}
			return nil
		})
	}
	return c
}

// rights asks what the principal may do to the node that args begin with.
func (a *app) rights(ctx context.Context, args []string, principal string, show func(client.Rights) error) error {
	name, err := nameArg(args[:1])
	if err != nil {
		return err
	}
	return a.asking(ctx, name, func(ctx context.Context, c *client.Client) error {
		ctx, cancel := a.request(ctx)
		defer cancel()
		r, err := c.Rights(ctx, string(name), principal)
		if err != nil {
			return err
		}
		return show(r)
	})
}

// nameACLs adds the flags that name the ACLs of a node.
func nameACLs(f *pflag.FlagSet, acl *cell.ACL) {
	f.StringVar(&acl.Read, "read", "", "the ACL of who may read it")
	f.StringVar(&acl.Write, "write", "", "the ACL of who may write it, make children, take its lock")
	f.StringVar(&acl.Change, "change", "", "the ACL of who may change these names")
}
