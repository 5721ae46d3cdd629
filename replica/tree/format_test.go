package tree

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// A replica that does not know the format to which the cell has risen stops there with the remedy, and
// takes no snapshot of it; one that knows it goes on.
func TestZ16_AnOlderReplicaStopsWhereTheFormatRises(t *testing.T) {
	w := born(t, nil)
	next := w.a.Mark().Index + 1
	r := record.Make(next, cell.MakeZxid(1, uint32(next)), record.Normal, Encode(Txn{Op: &Raise{Format: 2}}))
	before := w.a.Digest()
	done := w.a.Apply(r)
	require.Contains(t, done.Fatal, "the cell's format is 2 from here on, and this version knows up to 1")
	require.Contains(t, done.Fatal, "run a version that knows it")
	require.Equal(t, before, w.a.Digest(), "the tree stays as it was")

	var file bytes.Buffer
	require.NoError(t, w.b.Freeze().Encode(&file))
	newer, err := DecodeTree(bytes.NewReader(file.Bytes()), Options{Format: 2})
	require.NoError(t, err)
	done = newer.Apply(r)
	require.Empty(t, done.Fatal)
	require.True(t, done.Raised)
	require.Equal(t, uint32(2), newer.Format())
	again := newer.Apply(record.Make(next+1, cell.MakeZxid(1, uint32(next+1)), record.Normal,
		Encode(Txn{Op: &Raise{Format: 2}})))
	require.Equal(t, cell.CodeOf(cell.ErrConflict), again.Result.Code, "it does not go back, nor stand")

	file.Reset()
	require.NoError(t, newer.Freeze().Encode(&file))
	_, err = DecodeTree(bytes.NewReader(file.Bytes()), Options{})
	require.ErrorIs(t, err, cell.ErrNewer)
	require.ErrorContains(t, err, "start a version of celld that knows it")
	back, err := DecodeTree(bytes.NewReader(file.Bytes()), Options{Format: 2})
	require.NoError(t, err)
	require.Equal(t, newer.Digest(), back.Digest())
}
