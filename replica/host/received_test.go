package host

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/wal"
)

// snapshotsIn are the snapshots of a fresh directory of cell id, whose log has three records.
func snapshotsIn(t *testing.T, id cell.CellID) *wal.Snapshots {
	t.Helper()
	log, _, err := wal.Open(filepath.Join(t.TempDir(), "data"), wal.Options{Cell: id})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	require.NoError(t, log.SaveHard(record.HardState{Incarnation: 7, Boot: 1}))
	for i := range uint32(3) {
		r := record.Make(uint64(i+1), cell.MakeZxid(1, i+1), record.Normal, []byte("x"))
		require.NoError(t, log.Append([]record.Record{r}))
	}
	require.NoError(t, log.Sync())
	return log.Snapshots()
}

// bornAt is a tree whose only transaction is the birth of cell id, at index 1.
func bornAt(t *testing.T, id cell.CellID) *tree.Tree {
	t.Helper()
	birth := &tree.Birth{
		Cell: "local", ID: id, Members: cell.Members{{ID: 1, Client: "a:1", Peer: "a:2", Incarnation: 7}},
		Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits(), Format: cell.Format,
	}
	payload := tree.Encode(tree.Txn{Op: birth, Names: []cell.Name{"/ls/local"}})
	result := tree.New(tree.Options{})
	done := result.Apply(record.Make(1, cell.MakeZxid(1, 1), record.Members, payload))
	require.Empty(t, done.Fatal)
	require.Zero(t, done.Result.Code, done.Result.Message)
	return result
}

// TestZ5_AReceivedSnapshotHoldsThePointAndTheCellThatItSays: a file that is whole, and says to be of a
// point and of this cell, is refused when the tree in it is of another.
func TestZ5_AReceivedSnapshotHoldsThePointAndTheCellThatItSays(t *testing.T) {
	home, other := cell.CellID{1}, cell.CellID{2}
	for _, x := range []struct {
		name  string
		of    cell.CellID
		index uint64 // of the file; the tree is at 1
		says  string
	}{
		{"the tree of this cell, at the point it says", home, 1, ""},
		{"another point", home, 2, "at 1@1.1"},
		{"another cell", other, 1, "holds the tree of cell " + other.String()},
	} {
		t.Run(x.name, func(t *testing.T) {
			m := record.Mark{Index: x.index, Zxid: cell.MakeZxid(1, uint32(x.index))}
			sender, taker := snapshotsIn(t, home), snapshotsIn(t, home)
			require.NoError(t, sender.Create(m, func(w io.Writer) error { return bornAt(t, x.of).Freeze().Encode(w) }))
			file, _, err := sender.OpenRaw(m)
			require.NoError(t, err)
			defer func() { require.NoError(t, file.Close()) }()
			require.NoError(t, taker.Receive(m, file), "the file is whole")
			s := newSnapshots(&Host{birth: record.Birth{Cell: home, Name: "local", Replica: 1}}, taker)
			got, err := s.decode(m)
			if x.says == "" {
				require.NoError(t, err)
				require.Equal(t, m, got.Mark())
				return
			}
			require.ErrorIs(t, err, cell.ErrProtocol)
			require.ErrorContains(t, err, x.says)
		})
	}
}
