package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/spf13/cobra"
)

const electHelp = `elect campaigns for the lock of NAME, making the node and its parents if they are missing, and runs
COMMAND while it leads. When it loses the leadership COMMAND gets TERM, and KILL --kill-after later,
before anybody else can lead, and elect campaigns again, whatever becomes of sessions and masters
meanwhile. It ends when COMMAND ends by itself, with COMMAND's exit code, or by a signal while it does
not lead. COMMAND is run as by cellctl lock (see there), once in each leadership. Without COMMAND elect
prints the sequencer of each leadership and leads until a signal.

The leader announces itself in NAME/leader: a line with its sequencer, then the value (--value; default:
this machine's name). Trust an announcement only while cellctl seq check says that its sequencer is
valid; package client/recipe has Observe for it.

Exit codes with COMMAND: its own; 128+n if signal n killed it; 126 if COMMAND cannot be executed, 127 if
it is not found; 125 for everything else.`

// electing is one elect command.
type electing struct {
	app       *app
	name      cell.Name
	value     string
	note      string
	killAfter time.Duration
	command   []string
}

func (a *app) electCommand() *cobra.Command {
	e := &electing{app: a}
	c := &cobra.Command{
		Use: "elect NAME [-- COMMAND…]", Short: "Campaign for a leadership, again and again; run COMMAND while leading",
		Long: electHelp, ValidArgsFunction: a.completeName, DisableFlagsInUseLine: true,
		Example: "  cellctl elect /ls/local/app/leader --value 10.0.0.7:80 -- ./serve\n" +
			"  cellctl get /ls/local/app/leader/leader",
	}
	f := c.Flags()
	f.StringVar(&e.value, "value", "", "what is announced while we lead (default: this machine's name)")
	f.StringVar(&e.note, "note", "", "shown by cellctl locks")
	f.DurationVar(&e.killAfter, "kill-after", defaultKillAfter, "from TERM to KILL when the leadership is lost")
	a.nameThenCommand(c)
	c.RunE = func(cmd *cobra.Command, args []string) (err error) {
		own, command := splitCommand(cmd, args)
		if e.name, err = nameArg(own); err != nil {
			return err
		}
		if e.killAfter < 0 {
			return usagef("--kill-after must not be below 0")
		}
		if e.command = command; !cmd.Flags().Changed("value") {
			if e.value, err = os.Hostname(); err != nil {
				return err
			}
		}
		return a.asking(cmd.Context(), e.name, e.run)
	}
	return c
}

// run campaigns until COMMAND or we are told to end. Whether a first session can be had is seen at
// once; from then on it is patient.
func (e *electing) run(ctx context.Context, c *client.Client) error {
	s, err := e.app.session(ctx, c)
	if err != nil {
		return err
	}
	l := lockRequest{command: e.command, delay: -1, note: e.note, killAfter: e.killAfter}
	err = l.fits(s.Lengths())
	closeSession(s)
	if err != nil {
		return err
	}
	election := recipe.Election{Client: c, Name: string(e.name), Value: []byte(e.value), Options: l.options()}
	campaign, end := context.WithCancel(ctx)
	defer end()
	var over error // how COMMAND ended by itself, also when the leadership ended just then
	err = election.Run(campaign, func(ctx context.Context, l recipe.Leadership) error {
		err := e.lead(ctx, l)
		var own *ended
		if errors.As(err, &own) && !own.lost {
			over = err
			end()
		}
		return err
	})
	if over != nil {
		return over
	}
	return err
}

// lead keeps one leadership.
func (e *electing) lead(ctx context.Context, l recipe.Leadership) error {
	q, held := l.Hold.Sequencer(), l.Hold.Context()
	err := e.app.keep(ctx, keeping{
		shown: out.Held{Name: string(e.name), Session: l.Session.ID(), Sequencer: &q}, held: held,
		deadline: l.Hold.Deadline, killAfter: e.killAfter, command: e.command,
	})
	if held.Err() != nil {
		e.app.say("%s: lost: %v; campaigning again", e.name, context.Cause(held))
		if len(e.command) > 0 {
			e.app.listen() // COMMAND had the signals
		}
	}
	return err
}
