package main

import (
	"github.com/leasehold/leasehold/cmd/celld/check"
	"github.com/leasehold/leasehold/cmd/celld/config"
	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "check --dir DIR",
		Short: "Verify the data directory of a stopped replica",
		Long: "check reads a data directory whole (birth record, hard state, snapshots, log), replays the log and\n" +
			"compares the tree with its snapshots and with the digests that a quorum of the replicas agreed on.\n" +
			"It prints a line for each part and changes nothing.\n" +
			"Exit 0: sound; 1: damaged, in use or unreadable; 2: usage.",
		Example: "  celld check --dir cell/data-1",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&dir, "dir", "", "the data directory of one replica")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if dir == "" {
			return &config.Wrong{Key: "--dir", Why: "is missing: celld check --dir DIR/data-1"}
		}
		return check.Run(dir, cmd.OutOrStdout())
	}
	return c
}
