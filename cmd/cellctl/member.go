package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client"
	"github.com/spf13/cobra"
)

func (a *app) memberCommand() *cobra.Command {
	c := &cobra.Command{Use: "member", Short: "Look at the replicas of the cell, replace one", Args: onlySubcommands,
		RunE: onlySubcommands}
	c.AddCommand(a.memberLsCommand(), a.memberReplaceCommand())
	return c
}

func (a *app) memberLsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "ls", Short: "Show the member list, which the cell keeps, and what each member says", Args: a.none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.asking(cmd.Context(), "", func(ctx context.Context, c *client.Client) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				all, err := c.Members(ctx)
				if err != nil {
					return err
				}
				return a.printer().Members(all)
			})
		},
	}
}

func (a *app) memberReplaceCommand() *cobra.Command {
	var wait time.Duration
	c := &cobra.Command{
		Use:   "replace OLD ID=HOST[:P] | OLD ID client=H:P peer=H:P http=H:P",
		Short: "Put a new replica in the place of the member OLD",
		Long: "replace puts a replica in the place of the member OLD, dead or alive, in one step: the cell brings the\n" +
			"newcomer up to date and then swaps it in by one transaction that a quorum of the old members and of the\n" +
			"new ones must have. The newcomer has an id that no member has, at HOST the ports P+1 for clients, P+11\n" +
			"for its peers and P+21 for HTTP (P is 7400), or the three addresses that are given.\n\n" +
			"Start it before or after: give it a copy of any replica's file with its own id and dir, and with its own\n" +
			"line in the place of OLD's, and an empty directory. It waits to be admitted.\n\n" +
			"ID may be OLD: the same replica at other addresses. A replica that has only lost its disk needs no\n" +
			"command: started with an empty directory it comes back by itself.\n\n" +
			"The command waits until the change is made, and says for what. A change that nobody waits for any more\n" +
			"is given up after 10 s. It is refused (4) if too few members would serve, or while another is on its way.",
		Example: "  cellctl member replace 3 6=newhost\n  cellctl member replace 3 6=10.0.0.6:7400\n" +
			"  cellctl member replace 3 6 client=h:1 peer=h:2 http=h:3",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("OLD and the new replica are wanted: %s", cmd.UseLine())
			}
			return nil
		},
	}
	c.Flags().DurationVar(&wait, "wait", 0, "give up after this long (default: wait until it is done)")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		old, err := replicaID(args[0])
		if err != nil {
			return err
		}
		with, err := memberArgs(args[1], args[2:])
		if err != nil {
			return err
		}
		if why := (&call.Replace{Old: old, New: with}).Invalid(); why != "" {
			return usagef("%s", why)
		}
		return a.asking(cmd.Context(), "", func(ctx context.Context, c *client.Client) error {
			return a.replaceMember(ctx, c, old, with, wait)
		})
	}
	return c
}

func (a *app) replaceMember(ctx context.Context, c *client.Client, old cell.ReplicaID, with cell.Member,
	wait time.Duration) error {
	if wait > 0 {
		gone := fmt.Errorf("not done within %v", wait)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, wait, gone)
		defer cancel()
	}
	err := c.ReplaceMember(ctx, old, with, func(why string) { a.say("waiting: %s", why) })
	if err != nil {
		return err
	}
	a.say("replica %d is in the place of replica %d; let every configuration file say so:", with.ID, old)
	a.say("  - {id: %d, client: %q, peer: %q, http: %q}", with.ID, with.Client, with.Peer, with.HTTP)
	request, cancel := a.request(ctx)
	defer cancel()
	all, err := c.Members(request)
	if err != nil {
		return errors.Join(errors.New("the change is made; the list could not be read"), err)
	}
	return a.printer().Members(all)
}

func replicaID(text string) (cell.ReplicaID, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		return 0, usagef("%q is not a replica's id: those are 1, 2, 3 and so on", text)
	}
	return cell.ReplicaID(n), nil
}

// memberArgs reads ID=HOST[:P], or ID followed by its three addresses.
func memberArgs(first string, rest []string) (cell.Member, error) {
	id, at, short := strings.Cut(first, "=")
	n, err := replicaID(id)
	switch {
	case err != nil:
		return cell.Member{}, err
	case short && len(rest) > 0:
		return cell.Member{}, usagef("%q is one argument too many behind %s", rest[0], first)
	case short:
		return memberAt(n, at)
	}
	m := cell.Member{ID: n}
	to := map[string]*string{"client": &m.Client, "peer": &m.Peer, "http": &m.HTTP}
	for _, arg := range rest {
		key, value, ok := strings.Cut(arg, "=")
		if to[key] == nil || !ok {
			return m, usagef("%q is not client=HOST:PORT, peer=HOST:PORT or http=HOST:PORT", arg)
		}
		*to[key] = value
	}
	for _, key := range []string{"client", "peer", "http"} {
		if *to[key] == "" {
			return m, usagef("%s= is missing: %s=HOST, or %s client=HOST:PORT peer=HOST:PORT http=HOST:PORT", key, id, id)
		}
	}
	return m, nil
}

// memberAt lays the ports out as celld init --hosts does.
func memberAt(id cell.ReplicaID, at string) (cell.Member, error) {
	host, port := strings.Trim(at, "[]"), cell.FirstPort
	if h, p, err := net.SplitHostPort(at); err == nil {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port+cell.PortRoom > 65535 {
			return cell.Member{}, usagef("%q is not HOST:PORT with a port from 1 to %d", at, 65535-cell.PortRoom)
		}
		host = h
	}
	return cell.LayOut(id, host, port), nil
}
