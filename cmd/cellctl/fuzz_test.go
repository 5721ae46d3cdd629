package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

// What stands on the command line beside names is read, or refused as usage.
func FuzzB5_Arguments(f *testing.F) {
	for _, s := range []string{
		"", "3", "6=h", "6=h:1,h:2", "=", "0=h", "-1", "12s", "1e9h",
		"-18014398509481983KiB", "64MiB", "9223372036854775807", "0x3", "ä",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		refused := func(err error) {
			if err != nil {
				require.Equal(t, 2, cell.ExitOf(err), "%v", err)
			}
		}
		for _, key := range []string{"session_lease", "value", "nodes", s} {
			v, err := settingValue(key, s)
			if refused(err); err == nil && v != 0 {
				require.Equal(t, strings.HasPrefix(s, "-"), v < 0, "%s %d", key, v)
			}
		}
		id, err := replicaID(s)
		if refused(err); err == nil {
			require.NotZero(t, id)
		}
		m, err := memberArgs(s, nil)
		if refused(err); err == nil {
			require.NotZero(t, m.ID)
			require.NotEmpty(t, m.Client)
		}
		_, err = sessionArg([]string{s})
		refused(err)
	})
}
