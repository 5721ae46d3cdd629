package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// named wants from least to most arguments, the first of them the NAME.
func (a *app) named(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least && len(args) == 0:
			return usagef("NAME is missing: %s", cmd.UseLine())
		case len(args) < least:
			return usagef("VALUE is missing: %s", cmd.UseLine())
		case len(args) > most:
			return usagef("%q is one argument too many: %s", args[most], cmd.UseLine())
		}
		return nil
	}
}

// none wants no arguments.
func (a *app) none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%q is one argument too many: %s", args[0], cmd.UseLine())
	}
	return nil
}

// onlySubcommands is for words that do nothing by themselves.
func onlySubcommands(cmd *cobra.Command, args []string) error {
	var words []string
	for _, c := range cmd.Commands() {
		words = append(words, c.Name())
	}
	if len(args) == 0 {
		return usagef("%s does nothing by itself, it has %s", cmd.CommandPath(), strings.Join(words, ", "))
	}
	return usagef("unknown command %q: %s has %s", args[0], cmd.CommandPath(), strings.Join(words, ", "))
}

// addCompletion adds cobra's command, which shows its help for whatever it does not know. It keeps
// the output that root has by now.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = onlySubcommands, onlySubcommands
		}
	}
}

// flagError says of a number that is none what is wanted.
func flagError(_ *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "uint64" {
		return usagef("--%s wants a decimal number, and %q is none", invalid.GetFlag().Name, invalid.GetValue())
	}
	return err
}

// splitCommand parts our arguments from COMMAND, which stands after "--". A "--" in front of
// the first argument is the ordinary one that ends flags.
func splitCommand(cmd *cobra.Command, args []string) (own, command []string) {
	dash := cmd.ArgsLenAtDash()
	if dash < 1 {
		return args, nil
	}
	return args[:dash], args[dash:]
}

// nameThenCommand makes c take one NAME and, after "--", COMMAND. It shows the right line to who
// forgot the "--".
func (a *app) nameThenCommand(c *cobra.Command) {
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if cmd != c { // lock show, lock break: they have no COMMAND
			return flagError(cmd, err)
		}
		return usagef("%v (if it is COMMAND's, write: cellctl %s NAME -- COMMAND…)", err, cmd.Name())
	})
	c.Args = func(cmd *cobra.Command, args []string) error {
		own, command := splitCommand(cmd, args)
		if len(own) > 1 {
			typed := append(slices.Clone(own[1:]), command...)
			return usagef("COMMAND stands after --; write: cellctl %s %s -- %s", cmd.Name(), own[0], shellWords(typed))
		}
		if cmd.ArgsLenAtDash() == 0 && len(own) > 0 && !strings.HasPrefix(own[0], "/") {
			own = nil // it is COMMAND
		}
		return a.named(1, 1)(cmd, own)
	}
}

const completionPatience = time.Second

// completeName offers the children of what has been typed so far. It says nothing when there is
// no cell.
func (a *app) completeName(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	const how = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	slash := strings.LastIndexByte(typed, '/')
	if len(args) > 0 || slash < 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	name, err := cell.ParseName(typed[:slash])
	if err != nil {
		return nil, how
	}
	endpoints, _ := cmd.Flags().GetString("endpoints")
	if err := a.settle(cmd, endpoints, "table"); err != nil {
		return nil, how
	}
	a.timeout = min(a.timeout, completionPatience)
	c, err := a.dial(name)
	if err != nil {
		return nil, how
	}
	defer func() { _ = c.Close() }()
	stats, err := a.children(context.Background(), c, name)
	if err != nil {
		return nil, how
	}
	var names []string
	for _, s := range stats {
		if strings.HasPrefix(string(s.Name), typed) {
			names = append(names, string(s.Name))
		}
	}
	return names, how
}
