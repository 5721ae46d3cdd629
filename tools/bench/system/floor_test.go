package system

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFloorSyncsBeforeItAnswers runs the five processes, and looks into the files: an answered
// write is in at least three of them.
func TestFloorSyncsBeforeItAnswers(t *testing.T) {
	f, dir := &Floor{}, t.TempDir()
	require.NoError(t, f.Build(t.Context(), dir))
	t.Cleanup(func() { StopAll(f) })
	require.NoError(t, f.Start(t.Context(), dir))
	require.Len(t, f.Procs(), 5)
	c, err := f.Connect(t.Context(), 0, AtMaster)
	require.NoError(t, err)
	defer c.Close()
	for range 20 {
		require.NoError(t, c.Write(t.Context(), "name", []byte("told")))
	}
	require.NoError(t, c.Write(t.Context(), "name", []byte("a word to look for")))
	have := 0
	for i := range replicas {
		log, err := os.ReadFile(dir + "/log-" + string(rune('0'+i)))
		require.NoError(t, err)
		if bytes.Contains(log, []byte("namea word to look for")) {
			have++
		}
	}
	require.GreaterOrEqual(t, have, 3)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, c.Write(ended, "name", nil), context.Canceled)
	f.Procs()[4].Kill()
	require.Error(t, c.Write(t.Context(), "name", nil), "a client of a master that is gone does not wait for ever")
}
