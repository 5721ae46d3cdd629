package waltest

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/record"
)

func testSynced(t *testing.T, machine func(*testing.T) Machine) {
	m := machine(t)
	d := fresh(t, m, 20)
	require.NoError(t, d.Append(recs(21, 40)))
	d, found := again(t, m)
	last := found.Summary.Last.Index
	require.GreaterOrEqual(t, last, uint64(20))
	require.LessOrEqual(t, last, uint64(40))
	holds(t, d, 1, last)
	put(t, d, last+1, last+10)
	d, found = again(t, m)
	require.Equal(t, mark(last+10), found.Summary.Last)
	require.Equal(t, []record.EpochEnd{{Epoch: 1, Last: mark(last + 10)}}, found.Summary.Epochs)
	require.Equal(t, recs(1, last+10), found.Recent)
	holds(t, d, 1, last+10)
}

func testHard(t *testing.T, machine func(*testing.T) Machine) {
	m := machine(t)
	d := fresh(t, m, 1)
	want := record.HardState{
		Incarnation: 9, Boot: 3, Standing: record.Voter, AcceptedEpoch: 5, AcceptedFrom: 2, CurrentEpoch: 4,
		LongestPromise: 600, Begun: true, Seen: []record.Seen{{ID: 1, Incarnation: 2, Boot: 3}},
	}
	require.NoError(t, d.SaveHard(want))
	_, found := again(t, m)
	require.True(t, found.HadHard)
	require.Equal(t, want, found.Hard)
}

func testHardFirst(t *testing.T, machine func(*testing.T) Machine) {
	d, _, err := machine(t).Start()
	require.NoError(t, err)
	require.Error(t, d.Append(recs(1, 1)))
}

func testCut(t *testing.T, machine func(*testing.T) Machine) {
	m := machine(t)
	d := fresh(t, m, 30)
	snap(t, d, 10)
	snap(t, d, 20)
	for _, cut := range []uint64{30, 25, 20, 19, 9, 0} {
		require.NoError(t, d.TruncateAfter(cut))
		var found record.Recovered
		d, found = again(t, m)
		require.Equal(t, mark(cut), found.Summary.Last)
		holds(t, d, 1, cut)
		for _, at := range listed(t, d) {
			require.LessOrEqual(t, at, cut)
			reads(t, d, at)
		}
	}
	put(t, d, 1, 3) // cut down to nothing, though history had begun
	_, found := again(t, m)
	require.Equal(t, mark(3), found.Summary.Last)
}

func testInstall(t *testing.T, machine func(*testing.T) Machine) {
	for _, at := range []uint64{8, 30, 44} {
		m := machine(t)
		d := fresh(t, m, 30)
		snap(t, d, 10)
		snap(t, d, 20)
		send(t, machine(t), d, at)
		require.Equal(t, []uint64{20, 10}, listed(t, d))
		require.NoError(t, d.Install(mark(at)))
		require.Equal(t, []uint64{at}, listed(t, d))
		put(t, d, at+1, at+5)
		d, found := again(t, m)
		require.Equal(t, record.Summary{
			Snapshot: mark(at), First: at + 1, Last: mark(at + 5),
			Epochs: []record.EpochEnd{{Epoch: 1, Last: mark(at + 5)}},
		}, found.Summary)
		reads(t, d, at)
		holds(t, d, at+1, at+5)
		_, err := d.Read(at, 1, 1)
		require.Error(t, err)
		require.NoError(t, d.TruncateAfter(at))
		_, found = again(t, m)
		require.Equal(t, mark(at), found.Summary.Last)
	}
}

func testPartial(t *testing.T, machine func(*testing.T) Machine) {
	m, peer := machine(t), machine(t)
	d, from := fresh(t, m, 5), fresh(t, peer, 9)
	snap(t, from, 9)
	r, size, err := from.OpenRaw(mark(9))
	require.NoError(t, err)
	require.ErrorIs(t, d.Receive(mark(9), io.LimitReader(r, size-1)), record.ErrDamaged)
	require.NoError(t, r.Close())
	require.Empty(t, listed(t, d))
	require.Error(t, d.Install(mark(9)))
	d, found := again(t, m)
	require.Equal(t, mark(5), found.Summary.Last)
	r, _, err = from.OpenRaw(mark(9))
	require.NoError(t, err)
	require.NoError(t, d.Receive(mark(9), r))
	require.NoError(t, r.Close())
	d, found = again(t, m)
	require.Equal(t, mark(5), found.Summary.Last, "received, not installed")
	require.Error(t, d.Install(mark(9)))
}

func testFinal(t *testing.T, machine func(*testing.T) Machine) {
	m := machine(t)
	d := fresh(t, m, 5)
	first := d.Append(recs(9, 9))
	require.Error(t, first)
	require.Equal(t, first, d.Append(recs(6, 6)))
	require.Equal(t, first, d.Sync())
	require.Equal(t, first, d.SaveHard(begun))
	require.Equal(t, first, d.TruncateAfter(1))
	require.Equal(t, first, d.Install(mark(1)))
	require.Equal(t, first, d.Compact(1))
	_, err := d.Read(1, 1, 1)
	require.Equal(t, first, err)
	d, found := again(t, m)
	require.Equal(t, mark(5), found.Summary.Last)
	put(t, d, 6, 6)
}

func testCompact(t *testing.T, machine func(*testing.T) Machine) {
	m := machine(t)
	d := fresh(t, m, 60)
	for _, i := range []uint64{10, 30, 50} {
		snap(t, d, i)
	}
	require.NoError(t, d.Compact(60))
	holds(t, d, 1, 60)
	require.NoError(t, d.Prune(2))
	require.Equal(t, []uint64{50, 30}, listed(t, d))
	require.NoError(t, d.Compact(60))
	holds(t, d, 31, 60)
	d, found := again(t, m)
	require.Greater(t, found.Summary.First, uint64(1), "segments are small: some have gone")
	require.LessOrEqual(t, found.Summary.First, uint64(31))
	require.Equal(t, mark(50), found.Summary.Snapshot)
	require.Equal(t, mark(60), found.Summary.Last)
	require.Error(t, d.TruncateAfter(found.Summary.First-2), "no snapshot reaches so far back")
}

func testRead(t *testing.T, machine func(*testing.T) Machine) {
	d := fresh(t, machine(t), 20)
	for _, c := range []struct{ from, records, bytes, last uint64 }{
		{5, 3, 1 << 20, 7}, {5, 100, 2*uint64(len(rec(5).Payload)) + 1, 6}, {5, 100, 0, 5}, {20, 5, 1 << 20, 20},
		{21, 5, 1 << 20, 20},
	} {
		rs, err := d.Read(c.from, int(c.records), int(c.bytes))
		require.NoError(t, err)
		require.Equal(t, recs(c.from, c.last), rs)
	}
}
