package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/spf13/cobra"
)

func (a *app) lockBreakCommand() *cobra.Command {
	var token uint64
	c := &cobra.Command{
		Use: "break NAME --token T", Short: "Take a lock from its holder",
		Long: "break takes the lock of NAME from whoever holds it with that token. The token fails at once; the lock\n" +
			"goes to the next as soon as the holder's client has acknowledged, else when its lease has ended and\n" +
			"then its lock-delay. It exits 4 if the lock has moved on.",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
	}
	c.Flags().Uint64Var(&token, "token", 0, "the token of the hold to be broken: see lock show")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		name, err := nameArg(args)
		if err != nil {
			return err
		}
		if token == 0 {
			return usagef("--token says which hold: see cellctl lock show %s", name)
		}
		return a.within(cmd.Context(), name, func(ctx context.Context, s *client.Session) error {
			ctx, cancel := a.request(ctx)
			defer cancel()
			return s.BreakLock(ctx, string(name), token)
		})
	}
	return c
}

func (a *app) sessionCommand() *cobra.Command {
	c := &cobra.Command{Use: "session", Short: "Look at sessions, end one", Args: onlySubcommands, RunE: onlySubcommands}
	c.AddCommand(&cobra.Command{
		Use: "ls", Short: "Show the sessions of the cell", Args: a.none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.asking(cmd.Context(), "", func(ctx context.Context, c *client.Client) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				sessions, err := c.Sessions(ctx)
				if err != nil {
					return err
				}
				return a.printer().Sessions(sessions)
			})
		},
	}, &cobra.Command{
		Use: "show ID", Short: "Show one session", Args: oneSession,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := sessionArg(args)
			if err != nil {
				return err
			}
			return a.asking(cmd.Context(), "", func(ctx context.Context, c *client.Client) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				s, err := c.SessionOf(ctx, id)
				if op := (*client.OpError)(nil); errors.Is(err, cell.ErrNotFound) && errors.As(err, &op) {
					op.Err = fmt.Errorf("%w: there is no session %v, or it has ended", cell.ErrNotFound, id)
				}
				if err != nil {
					return err
				}
				return a.printer().Session(s)
			})
		},
	}, &cobra.Command{
		Use: "kill ID", Short: "End a session: what it holds is taken from it, its ephemerals go", Args: oneSession,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := sessionArg(args)
			if err != nil {
				return err
			}
			return a.within(cmd.Context(), "", func(ctx context.Context, s *client.Session) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				return s.Kill(ctx, id)
			})
		},
	})
	return c
}

func oneSession(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("one session's ID is wanted (see cellctl session ls): %s", cmd.UseLine())
	}
	return nil
}

// sessionArg reads the number that session ls shows.
func sessionArg(args []string) (cell.SessionID, error) {
	n, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil || n == 0 {
		return 0, usagef("%q is no session's ID: it is a number, as cellctl session ls shows it", args[0])
	}
	return cell.SessionID(n), nil
}
