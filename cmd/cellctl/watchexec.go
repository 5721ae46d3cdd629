package main

import (
	"context"
	"os"
	"strings"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/leasehold/leasehold/cmd/cellctl/run"
)

const execHelp = `

With --exec each event, those of the first picture too, runs CMD by sh -c instead of being printed, one
after the other, in their order. CMD reads the event as a line of JSON from its standard input and finds
CELL_EVENT_KIND, CELL_EVENT_NAME, CELL_EVENT_ZXID and CELL_EVENT_GENERATION in its environment. A CMD that
fails is told of on standard error, and the watch goes on; with --once its code is that of cellctl. One that
is too slow for 1,024 events gets resync. INT and TERM end a running CMD: TERM, two seconds later KILL.`

// react runs the command of --exec for one event, and gives its exit code.
func (w *watching) react(ctx context.Context, e client.Event) (int, error) {
	r, feed, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		// Who does not read it has no need of it.
		_ = out.Printer{To: feed, Format: out.JSONL}.Event(e)
		_ = feed.Close()
	}()
	end := run.Run(run.Task{
		Argv: []string{"sh", "-c", w.exec}, Env: w.environment(e), Held: ctx, KillAfter: defaultKillAfter, Stdin: r,
	})
	_ = r.Close()
	<-fed
	if end.Lost != nil {
		return 0, context.Cause(ctx)
	}
	if end.Failed != nil {
		return 0, &ended{exit: end.Exit(), why: end.Failed}
	}
	if code := end.Exit(); code != 0 {
		w.app.say("%s %s: CMD ended with %d", e.Kind, e.Name, code)
	}
	return end.Exit(), nil
}

func (w *watching) environment(e client.Event) []string {
	endpoints := w.app.endpoints
	if endpoints == nil {
		endpoints = client.DefaultEndpoints()
	}
	zxid := ""
	if e.Zxid != 0 {
		zxid = e.Zxid.String()
	}
	return []string{
		"CELL_EVENT_KIND=" + e.Kind.String(), "CELL_EVENT_NAME=" + e.Name, "CELL_EVENT_ZXID=" + zxid,
		"CELL_EVENT_GENERATION=" + decimal(e.Stat.ContentGeneration),
		endpointsVariable + "=" + strings.Join(endpoints, ","),
	}
}
