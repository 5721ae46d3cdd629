package wal

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The reserve is there while there is plenty, and given up when the rest of the disk is nearly full.
func TestB3_TheReserveIsGivenUpWhenTheDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "reserve")
	r := NewReserve(dir, 1<<20)
	require.NoError(t, r.Tend(3<<20))
	require.NoFileExists(t, path, "too little for it")
	require.NoError(t, r.Tend(4<<20))
	require.FileExists(t, path)
	require.NoError(t, r.Tend(1<<20))
	require.FileExists(t, path)
	require.NoError(t, r.Tend(1<<20-1))
	require.NoFileExists(t, path)
	require.NoError(t, r.Tend(1<<20))
	require.NoFileExists(t, path, "not made again before there is plenty")
	none := NewReserve(dir, 0)
	require.NoError(t, none.Tend(1<<40))
	require.NoFileExists(t, path)
}
