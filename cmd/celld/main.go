package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/leasehold/leasehold/cell"
	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := celld(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// celld runs one command line and returns the exit code. ctx ends with INT or TERM.
func celld(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "celld",
		Short: "One replica of a leasehold cell, or a whole cell for development",
		Long: "celld is one replica of a leasehold cell: a lock service by leases.\n" +
			"Begin with celld dev, a whole cell on loopback, and cellctl status beside it.",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	understood := false // errors before that are cobra's own: usage
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	root.AddCommand(devCommand(), initCommand(), serveCommand(), checkCommand(), versionCommand())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case !understood:
		_, _ = fmt.Fprintf(stderr, "celld: %v\nSee '%s --help'.\n", err, cmd.CommandPath())
		return 2
	}
	_, _ = fmt.Fprintf(stderr, "celld: %v\n", err)
	if errors.Is(err, cell.ErrUsage) || errors.Is(err, cell.ErrBadName) {
		return 2
	}
	return 1
}
