package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn/certs"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/spf13/cobra"
)

const endpointsVariable = "CELLCTL_ENDPOINTS"

// app is one run of cellctl: the flags that every command has, and its surroundings.
type app struct {
	surroundings
	args       []string
	endpoints  []string    // nil: the client's default
	secret     certs.Files // empty: without TLS
	timeout    time.Duration
	format     out.Format
	chosen     bool                    // the format was asked for
	understood bool                    // the command line was; errors before that are about usage
	interrupt  context.CancelCauseFunc // ends what a signal ends
	quiet      func()                  // leaves the signals to who asks for them next
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "cellctl",
		Short: "Look at a leasehold cell, change its nodes, run commands under its locks",
		Long: "cellctl speaks to a leasehold cell. Without --endpoints or " + endpointsVariable +
			" it speaks to what\ncelld dev serves on this machine.\n\n" +
			"Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 refused as things stand, 5 locked,\n" +
			"6 no master or unreachable, 7 denied, 8 sent but unanswered, 130 and 143 after INT and TERM.\n" +
			"With a COMMAND see cellctl lock --help.",
		SilenceErrors: true, SilenceUsage: true,
	}
	var endpoints, format string
	f := root.PersistentFlags()
	f.StringVar(&endpoints, "endpoints", "", "client addresses of replicas, a:p,b:p (default $"+endpointsVariable+
		", else 127.0.0.1:7401–7405)")
	f.DurationVar(&a.timeout, "timeout", 5*time.Second, "bound of each request, not of waiting for a lock or an event")
	a.secretFlags(f)
	f.StringVarP(&format, "output", "o", "table", "table, json, jsonl or value")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		a.understood, a.chosen = true, cmd.Flags().Changed("output")
		return a.settle(cmd, endpoints, format)
	}
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.statusCommand(), a.createCommand(), a.getCommand(), a.putCommand(), a.rmCommand(),
		a.statCommand(), a.lsCommand(), a.treeCommand(), a.watchCommand(), a.lockCommand(), a.electCommand(),
		a.locksCommand(), a.sessionCommand(), a.memberCommand(), a.cellCommand(), a.masterCommand(),
		a.seqCommand(), a.aclCommand(), a.versionCommand())
	return root
}

// printsValues marks the commands for which -o value means something.
var printsValues = map[string]string{"value": "yes"}

// settle checks the flags that every command has.
func (a *app) settle(cmd *cobra.Command, endpoints, format string) error {
	f, err := out.ParseFormat(format)
	if err != nil {
		return usagef("-o %q is not table, json, jsonl or value", format)
	}
	if a.format = f; f == out.Value && cmd.Annotations["value"] == "" {
		a.format = out.Table
		return usagef("-o value is for get, ls and create; %s has no single value", cmd.Name())
	}
	if a.timeout <= 0 {
		return usagef("--timeout must be above 0")
	}
	if err := a.settleSecret(); err != nil {
		return err
	}
	from := "--endpoints"
	if endpoints == "" {
		from = endpointsVariable
		endpoints, _ = a.env(endpointsVariable)
	}
	if a.endpoints = nil; endpoints == "" {
		return nil
	}
	for _, e := range strings.Split(endpoints, ",") {
		e = strings.TrimSpace(e)
		if _, _, err := net.SplitHostPort(e); err != nil {
			return usagef("%s: %q is not HOST:PORT", from, e)
		}
		a.endpoints = append(a.endpoints, e)
	}
	return nil
}

func (a *app) printer() out.Printer { return out.Printer{To: a.out, Format: a.format} }

// say writes one line for people.
func (a *app) say(format string, args ...any) {
	_, _ = fmt.Fprintf(a.err, "cellctl: "+format+"\n", args...)
}

// request bounds one request.
func (a *app) request(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, a.timeout)
}

// dial gives a client of the cell; name says which, "" takes whatever answers. It looks for a
// master a little shorter than a request may take, so that the error can say what it found.
func (a *app) dial(name cell.Name) (*client.Client, error) {
	cfg := client.Config{Endpoints: a.endpoints, Patience: a.timeout - a.timeout/10}
	if a.secret.CA != "" {
		var err error
		if cfg.TLS, err = client.TLSFiles(a.secret.CA, a.secret.Cert, a.secret.Key); err != nil {
			return nil, err
		}
	}
	if name != "" {
		cfg.Cell = name.Cell()
	}
	return client.New(cfg)
}

// asking runs one question that needs no session.
func (a *app) asking(ctx context.Context, name cell.Name, ask func(context.Context, *client.Client) error) error {
	c, err := a.dial(name)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return ask(ctx, c)
}

const closePatience = time.Second

// within runs what needs a session, and closes it.
func (a *app) within(ctx context.Context, name cell.Name, do func(context.Context, *client.Session) error) error {
	return a.asking(ctx, name, func(ctx context.Context, c *client.Client) error {
		s, err := a.session(ctx, c)
		if err != nil {
			return err
		}
		defer closeSession(s)
		return do(ctx, s)
	})
}

func (a *app) session(ctx context.Context, c *client.Client) (*client.Session, error) {
	ctx, cancel := a.request(ctx)
	defer cancel()
	return c.NewSession(ctx)
}

// closeSession frees what the session had, also when we were told to end.
func closeSession(s *client.Session) {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	_ = s.Close(ctx)
}

// nameArg reads the argument that names a node.
func nameArg(args []string) (cell.Name, error) { return cell.ParseName(args[0]) }
