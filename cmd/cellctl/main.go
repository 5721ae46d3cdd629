package main

import (
	"io"
	"os"

	"github.com/leasehold/leasehold/cmd/cellctl/run"
)

func main() {
	signals, stop := run.Listen()
	code := cellctl(os.Args[1:], surroundings{os.Stdin, os.Stdout, os.Stderr, signals, os.LookupEnv})
	stop()
	os.Exit(code)
}

// surroundings are what a command line finds around it.
type surroundings struct {
	in       io.Reader
	out, err io.Writer
	signals  <-chan os.Signal
	env      func(string) (string, bool)
}

// cellctl runs one command line and returns the exit code.
func cellctl(args []string, s surroundings) int {
	a := &app{surroundings: s, args: args, format: "table"}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(s.out)
	root.SetErr(s.err)
	addCompletion(root)
	ctx, release := a.interruptible()
	cmd, err := root.ExecuteContextC(ctx)
	release()
	return a.finish(ctx, cmd, err)
}
