package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/leasehold/leasehold/cell"
	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version, and the format of what is written", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "celld %s %s format %d\n", build(), runtime.Version(), cell.Format)
			return err
		},
	}
}

// build is the module's version as the Go command knows it.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
