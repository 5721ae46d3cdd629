package main

import (
	"context"

	"github.com/leasehold/leasehold/client"
	"github.com/spf13/cobra"
)

func (a *app) masterCommand() *cobra.Command {
	c := &cobra.Command{Use: "master", Short: "Have the cell choose another master", Args: onlySubcommands,
		RunE: onlySubcommands}
	c.AddCommand(&cobra.Command{
		Use: "step-down", Short: "Have the master hand its mastership over, and show its successor", Args: a.none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.asking(cmd.Context(), "", func(ctx context.Context, c *client.Client) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				if _, err := c.StepDown(ctx); err != nil {
					return err
				}
				s, err := c.Status(ctx)
				if err != nil {
					return err
				}
				return a.printer().Status(s)
			})
		},
	})
	return c
}
