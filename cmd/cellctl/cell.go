package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/spf13/cobra"
)

func (a *app) cellCommand() *cobra.Command {
	c := &cobra.Command{Use: "cell", Short: "Look at the cell's settings, change one", Args: onlySubcommands,
		RunE: onlySubcommands}
	c.AddCommand(&cobra.Command{
		Use: "show", Short: "Show the cell's lengths, limits and quotas", Args: a.none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.asking(cmd.Context(), "", func(ctx context.Context, c *client.Client) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				all, granted, err := c.Settings(ctx)
				if err != nil {
					return err
				}
				quotas, err := c.Quotas(ctx)
				if err != nil {
					return err
				}
				return a.printer().Settings(all, granted, quotas)
			})
		},
	}, &cobra.Command{
		Use: "set KEY VALUE", Short: "Change one of the cell's settings",
		Long: "set changes one of the cell's settings, for every replica, as one transaction. Lengths are durations\n" +
			"(12s, 600ms), limits are numbers, bytes also with KiB, MiB, GiB: " + settingKeys() + ".\n" +
			"quota_nodes:NAME and quota_bytes:NAME bound the node NAME and all below it, there or not yet; 0 takes\n" +
			"the bound away.\n" +
			"A shorter lease is granted at once, and counted with when the longer ones have ended.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("a KEY and a VALUE are wanted: %s", cmd.UseLine())
			}
			return nil
		},
		ValidArgs: strings.Fields(settingKeys()),
		RunE: func(cmd *cobra.Command, args []string) error {
			value, err := settingValue(args[0], args[1])
			if err != nil {
				return err
			}
			return a.within(cmd.Context(), "", func(ctx context.Context, s *client.Session) error {
				ctx, cancel := a.request(ctx)
				defer cancel()
				return s.Set(ctx, args[0], value)
			})
		},
	})
	return c
}

func settingKeys() string {
	var keys []string
	for _, s := range cell.AllSettings() {
		keys = append(keys, s.Key)
	}
	return strings.Join(keys, " ")
}

// settingValue reads a duration, a number or bytes, as the key wants it. Whether it makes sense the cell says.
func settingValue(key, text string) (int64, error) {
	quota, bytes := cell.IsQuotaKey(key)
	if !quota {
		s, err := cell.FindSetting(key)
		if err != nil {
			return 0, err
		}
		if bytes = s.Bytes; s.Length {
			return lengthValue(key, text)
		}
	}
	digits, factor := text, int64(1)
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if d, ok := strings.CutSuffix(text, unit); ok && bytes {
			digits, factor = d, 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err != nil && bytes:
		return 0, usagef("%s is a number of bytes, as 4096 or 64MiB, and %q is none", key, text)
	case err != nil:
		return 0, usagef("%s is a number, and %q is none", key, text)
	case n < 0 && factor > 1:
		return 0, usagef("%s is no negative number, and %q is one", key, text)
	case n > cell.MostBytes/factor:
		return 0, usagef("%s is at most %d, and %s is more", key, int64(cell.MostBytes), text)
	}
	return n * factor, nil
}

func lengthValue(key, text string) (int64, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, usagef("%s is a duration, as 12s or 600ms, and %q is none", key, text)
	}
	return int64(d), nil
}
