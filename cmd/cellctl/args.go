package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/spf13/cobra"
)

// named wants from least to most arguments, the first of them the NAME.
func (a *app) named(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least && len(args) == 0:
			return usagef("NAME is missing: %s", cmd.UseLine())
		case len(args) < least:
			return usagef("something is missing: %s", cmd.UseLine())
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
	if len(args) == 0 {
		return usagef("%s does nothing by itself; see %s --help", cmd.CommandPath(), cmd.CommandPath())
	}
	return usagef("unknown command %q for %q; see %s --help", args[0], cmd.CommandPath(), cmd.CommandPath())
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
		return usagef("%v (if it is COMMAND's, write: cellctl %s NAME -- COMMAND…)", err, cmd.Name())
	})
	c.Args = func(cmd *cobra.Command, args []string) error {
		own, command := splitCommand(cmd, args)
		if len(own) > 1 {
			typed := append(slices.Clone(own[1:]), command...)
			return usagef("COMMAND stands after --; write: cellctl %s %s -- %s", cmd.Name(), own[0], shellWords(typed))
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
