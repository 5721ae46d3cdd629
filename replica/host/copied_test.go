package host_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
)

// Two copies of what init made are two directories: each gets an incarnation of its own at its
// first start, which is how peers tell them apart.
func TestZ11_CopiedDirectoriesOfInitAreToldApart(t *testing.T) {
	birth := record.Birth{Cell: cell.CellID{1}, Name: "local", Replica: 1}
	members := cell.Members{{ID: 1, Client: "127.0.0.1:1", Peer: "127.0.0.1:2", HTTP: "127.0.0.1:3"}}
	seen := map[cell.Incarnation]bool{}
	for range 2 {
		dir := t.TempDir()
		require.NoError(t, wal.WriteBirth(dir, birth))
		h, err := start(t, host.Config{Cell: "local", ID: 1, Dir: dir, Members: members,
			Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()})
		require.NoError(t, err)
		require.NoError(t, h.Stop())
		log, found, err := wal.Open(dir, wal.Options{Cell: birth.Cell})
		require.NoError(t, err)
		require.NoError(t, log.Close())
		require.NotZero(t, found.Hard.Incarnation)
		require.False(t, seen[found.Hard.Incarnation], "two directories share an incarnation")
		seen[found.Hard.Incarnation] = true
	}
}
