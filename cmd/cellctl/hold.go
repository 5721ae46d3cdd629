package main

import (
	"context"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/leasehold/leasehold/cmd/cellctl/run"
)

const defaultKillAfter = 2 * time.Second

// keeping is something held while COMMAND runs, or until a signal.
type keeping struct {
	shown     out.Held
	held      context.Context
	deadline  func() time.Time // nil where only held can tell
	killAfter time.Duration
	command   []string
}

// keepNode keeps an ephemeral node: it lives as long as the session does.
func (a *app) keepNode(ctx context.Context, s *client.Session, name cell.Name, command []string) error {
	err := a.keep(ctx, keeping{
		shown: out.Held{Name: string(name), Session: s.ID()}, held: s.Context(),
		killAfter: defaultKillAfter, command: command,
	})
	a.removeOwn(s, name)
	return err
}

// removeOwn removes our ephemeral node, so that it is gone when we are: after the end of a
// session the cell removes them in its own time. What somebody else has made of the name stays.
func (a *app) removeOwn(s *client.Session, name cell.Name) {
	if s.Context().Err() != nil {
		return
	}
	ctx, cancel := a.request(context.Background())
	defer cancel()
	h, err := s.Open(ctx, string(name), client.ForWrite())
	if err != nil {
		return
	}
	defer func() { _ = h.Close() }()
	if stat, err := h.Stat(ctx, client.Uncached()); err == nil && stat.EphemeralOwner == s.ID() {
		_ = h.Delete(ctx) // else the end of the session does it
	}
}

// keepLock keeps a lock, and releases it when nothing that it protected is left.
func (a *app) keepLock(ctx context.Context, s *client.Session, h *client.Hold, l *lockRequest) error {
	q := h.Sequencer()
	err := a.keep(ctx, keeping{
		shown: out.Held{Name: string(l.name), Session: s.ID(), Sequencer: &q}, held: h.Context(),
		deadline: h.Deadline, killAfter: l.killAfter, command: l.command,
	})
	if h.Context().Err() != nil {
		return err // nothing to release; what the cell still counts, the client gives back by itself
	}
	releasing, cancel := context.WithTimeout(context.Background(), a.timeout)
	defer cancel()
	if uerr := h.Unlock(releasing); uerr != nil {
		a.say("%s was not released: %v; it comes free when the session ends", l.name, uerr)
	}
	return err
}

func (a *app) keep(ctx context.Context, k keeping) error {
	if len(k.command) > 0 {
		return a.runUnder(ctx, k)
	}
	if err := a.printer().Held(k.shown); err != nil {
		return err
	}
	a.say("holding %s until a signal ends this", k.shown.Name)
	select {
	case <-k.held.Done():
		return &ended{exit: run.ExitLost, why: context.Cause(k.held), lost: true}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// runUnder runs COMMAND. The signals are COMMAND's from here on; one that came just before ends
// us.
func (a *app) runUnder(ctx context.Context, k keeping) error {
	a.quiet()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	e := run.Run(run.Task{
		Argv: k.command, Env: a.environment(k.shown), Held: k.held, Deadline: k.deadline, KillAfter: k.killAfter,
		Signals: a.signals, Say: func(line string) { a.say("%s: %s", k.shown.Name, line) },
	})
	if line := e.Line(); line != "" {
		a.say("%s: %s", k.shown.Name, line)
	}
	return &ended{exit: e.Exit(), lost: e.Lost != nil}
}

// environment is what COMMAND is told. A variable that means nothing here is emptied: it may be
// that of an outer cellctl.
func (a *app) environment(h out.Held) []string {
	sequencer, token := "", ""
	if h.Sequencer != nil {
		sequencer, token = h.Sequencer.String(), decimal(h.Sequencer.Token())
	}
	endpoints := a.endpoints
	if endpoints == nil {
		endpoints = client.DefaultEndpoints()
	}
	return []string{
		"CELL_LOCK_NAME=" + h.Name, "CELL_LOCK_SEQUENCER=" + sequencer, "CELL_LOCK_TOKEN=" + token,
		"CELL_SESSION=" + h.Session.String(), endpointsVariable + "=" + strings.Join(endpoints, ","),
	}
}
