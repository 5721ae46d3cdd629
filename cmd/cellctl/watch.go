package main

import (
	"context"
	"errors"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/spf13/cobra"
)

// Between two attempts to get a new session when the last one is gone.
const (
	retryFirst = 200 * time.Millisecond
	retryMost  = 5 * time.Second
)

// watching is one watch command; it outlives its sessions.
type watching struct {
	app    *app
	name   cell.Name
	o      []client.WatchOption
	once   bool
	exec   string // the command of --exec; "": events are printed
	code   int    // of the last one that was run
	synced bool   // the first picture is complete: what comes now is news
	done   bool
}

func (a *app) watchCommand() *cobra.Command {
	var children, all bool
	w := &watching{app: a}
	c := &cobra.Command{
		Use: "watch NAME", Short: "Print what happens to a node, an event a line, until a signal",
		Long: "watch prints the node as it is (current), synced, and then every change in order. The node need not\n" +
			"exist. It outlives a lost session; resync then says: forget what you had, all follows anew." + execHelp,
		Example: "  cellctl watch /ls/local/app -r -o jsonl\n" +
			"  cellctl watch /ls/local/app/config --exec 'jq -j .contents >app.conf && systemctl reload app'",
		Args: a.named(1, 1), ValidArgsFunction: a.completeName,
	}
	c.Flags().BoolVar(&children, "children", false, "the children too, under their own names")
	c.Flags().BoolVarP(&all, "recursive", "r", false, "everything below too")
	c.Flags().BoolVar(&w.once, "once", false, "end after the first event that follows synced")
	c.Flags().StringVar(&w.exec, "exec", "", "run CMD (by sh -c) for each event, which it reads from its standard input")
	c.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if children && all {
			return usagef("--children or -r: one of them")
		}
		if w.name, err = nameArg(args); err != nil {
			return err
		}
		if children {
			w.o = append(w.o, client.WithChildren())
		}
		if all {
			w.o = append(w.o, client.Recursive())
		}
		return a.asking(cmd.Context(), w.name, w.run)
	}
	return c
}

// run goes from session to session. The first must be had; for later ones it is patient.
func (w *watching) run(ctx context.Context, c *client.Client) error {
	s, err := w.app.session(ctx, c)
	if err != nil {
		return err
	}
	for {
		err := w.follow(ctx, s)
		closeSession(s)
		if w.done || !errors.Is(err, cell.ErrSessionExpired) {
			return err
		}
		w.app.say("session %v: %v; looking for a new one", s.ID(), err)
		if s, err = w.renew(ctx, c); err != nil {
			return err
		}
		if err := w.tell(ctx, client.Event{Kind: client.EventResync, Name: string(w.name)}); err != nil || w.done {
			return err
		}
	}
}

func (w *watching) renew(ctx context.Context, c *client.Client) (*client.Session, error) {
	for pause := retryFirst; ; pause = min(2*pause, retryMost) {
		s, err := w.app.session(ctx, c)
		if err == nil || !errors.Is(err, cell.ErrNoMaster) && !errors.Is(err, context.DeadlineExceeded) {
			return s, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// follow prints events until the session ends.
func (w *watching) follow(ctx context.Context, s *client.Session) error {
	for e, err := range s.Watch(ctx, string(w.name), w.o...) {
		if err != nil {
			return err
		}
		if err := w.tell(ctx, e); err != nil || w.done {
			return err
		}
	}
	return context.Cause(ctx)
}

// tell prints an event, or has the command react to it.
func (w *watching) tell(ctx context.Context, e client.Event) (err error) {
	if w.exec != "" {
		w.code, err = w.react(ctx, e)
	} else {
		err = w.app.printer().Event(e)
	}
	if err != nil {
		return err
	}
	w.done = w.once && w.synced
	w.synced = w.synced || e.Kind == client.EventSynced
	if w.done && w.code != 0 {
		return &ended{exit: w.code}
	}
	return nil
}
