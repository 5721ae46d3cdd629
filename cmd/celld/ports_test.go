package main

import (
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPortInUseExitsWith1: whichever of the three ports is taken, one line names it and whom it was
// for.
func TestAPortInUseExitsWith1(t *testing.T) {
	for _, x := range []struct {
		above int // the first port by so many
		says  string
	}{{1, "clients' address"}, {11, "peers' address"}, {21, "HTTP address"}} {
		t.Run(x.says, func(t *testing.T) {
			taken, err := net.Listen("tcp", "127.77.0.1:0") // where nobody else is
			require.NoError(t, err)
			defer func() { require.NoError(t, taken.Close()) }()
			first := taken.Addr().(*net.TCPAddr).Port - x.above
			dir := filepath.Join(t.TempDir(), "cell")
			var out, errs bytes.Buffer
			args := []string{"init", "--dir", dir, "--replicas", "1", "--listen", fmt.Sprintf("127.77.0.1:%d", first)}
			require.Equal(t, 0, celld(t.Context(), args, &out, &errs), errs.String())
			errs.Reset()
			args = []string{"serve", "--config", filepath.Join(dir, "replica-1.yaml"), "--log-level", "error"}
			require.Equal(t, 1, celld(t.Context(), args, &out, &errs), errs.String())
			require.Contains(t, errs.String(), x.says+" "+taken.Addr().String())
			require.Contains(t, errs.String(), "address already in use")
			require.Equal(t, 1, bytes.Count(errs.Bytes(), []byte("\n")), "one line: %s", errs.String())
		})
	}
}
