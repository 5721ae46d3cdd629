package wal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

func TestASnapshotReadsBackAsItWasWritten(t *testing.T) {
	_, l := fresh(t, small, 10)
	snap(t, l, 5)
	require.NoError(t, l.Snapshots().Create(mark(7), func(io.Writer) error { return nil }))
	require.Equal(t, []uint64{7, 5}, listed(t, l.Snapshots()))
	reads(t, l.Snapshots(), 5)
	require.NoError(t, l.Snapshots().Verify(mark(5)))
	require.NoError(t, l.Snapshots().Verify(mark(7)))
	_, err := l.Snapshots().Open(mark(6))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestASnapshotThatFailsIsNotThere(t *testing.T) {
	_, l := fresh(t, small, 10)
	broken := errors.New("broken")
	err := l.Snapshots().Create(mark(5), func(w io.Writer) error {
		_, err := w.Write(contents(mark(5)))
		require.NoError(t, err)
		return broken
	})
	require.ErrorIs(t, err, broken)
	left, err := os.ReadDir(l.Snapshots().dir)
	require.NoError(t, err)
	require.Empty(t, left)
	snap(t, l, 5)
	reads(t, l.Snapshots(), 5)
}

func TestZ12_NoFlippedBitOfASnapshotIsBelieved(t *testing.T) {
	_, l := fresh(t, small, 10)
	s := l.Snapshots()
	snap(t, l, 5)
	path := s.path(mark(5), suffixSnap)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := range len(whole) * 8 {
		bad := append([]byte(nil), whole...)
		bad[i/8] ^= 1 << (i % 8)
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		require.ErrorIs(t, s.Verify(mark(5)), record.ErrDamaged, "bit %d", i)
		r, err := s.Open(mark(5))
		if err == nil { // the file's own sum is Verify's to check
			got, err := io.ReadAll(r)
			require.True(t, err != nil || bytes.Equal(got, contents(mark(5))), "bit %d", i)
			require.NoError(t, r.Close())
		}
	}
	for cut := range whole {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		require.ErrorIs(t, s.Verify(mark(5)), record.ErrDamaged, "cut at %d", cut)
	}
}

func TestZ12_ZK3231_OldSnapshotsGoOnlyWhenTheNewerWereReadBack(t *testing.T) {
	_, l := fresh(t, small, 30)
	s := l.Snapshots()
	for _, i := range []uint64{5, 10, 15, 20} {
		snap(t, l, i)
	}
	spoil(t, s.path(mark(15), suffixSnap), 100)
	require.ErrorIs(t, s.Prune(2), record.ErrDamaged)
	require.Equal(t, []uint64{20, 10, 5}, listed(t, s), "the damaged one is set aside, no other goes")
	require.NoError(t, s.Prune(2))
	require.Equal(t, []uint64{20, 10}, listed(t, s))
	require.NoError(t, s.Prune(0))
	require.Equal(t, []uint64{20}, listed(t, s), "one stays")
	reads(t, s, 20)
}

func TestZ5_ASnapshotOfATruncatedHistoryIsNotPublished(t *testing.T) {
	_, l := fresh(t, small, 30)
	err := l.Snapshots().Create(mark(25), func(w io.Writer) error {
		require.NoError(t, l.TruncateAfter(20))
		return writer(25)(w)
	})
	require.ErrorIs(t, err, ErrSuperseded)
	left, err := os.ReadDir(l.Snapshots().dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// raw is the snapshot at i as a peer sends it.
func raw(t *testing.T, i uint64) []byte {
	t.Helper()
	_, peer := fresh(t, Options{Cell: home}, i)
	snap(t, peer, i)
	r, size, err := peer.Snapshots().OpenRaw(mark(i))
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Len(t, b, int(size))
	return b
}

// A follower may install its leader's snapshot while its own old ones are being read back.
func TestZ7_AnInstallWhileSnapshotsArePrunedIsNoFailure(t *testing.T) {
	_, l := fresh(t, small, 30)
	s := l.Snapshots()
	for _, i := range []uint64{10, 20, 30} {
		snap(t, l, i)
	}
	marks, era := []record.Mark{mark(30), mark(20), mark(10)}, s.era
	receive(t, l, 40)
	require.NoError(t, l.Install(mark(40)))
	require.ErrorIs(t, s.prune(marks, era, 2), ErrSuperseded)
	require.Equal(t, []uint64{40}, listed(t, s))
	reads(t, s, 40)
}

func TestZ7_APartialSnapshotLeavesNothing(t *testing.T) {
	_, l := fresh(t, small, 3)
	s, b := l.Snapshots(), raw(t, 20)
	for _, cut := range []int{0, 1, record.SnapshotHeaderBytes, len(b) / 2, len(b) - 1} {
		require.ErrorIs(t, s.Receive(mark(20), bytes.NewReader(b[:cut])), record.ErrDamaged)
	}
	broken := errors.New("the connection broke")
	require.ErrorIs(t, s.Receive(mark(20), io.MultiReader(bytes.NewReader(b), failing{broken})), broken)
	left, err := os.ReadDir(s.dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, s.Receive(mark(20), bytes.NewReader(b)))
	require.Empty(t, listed(t, s), "it is no part of the history before Install")
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestB1_AForeignOrForgedSnapshotIsRefused(t *testing.T) {
	_, l := fresh(t, small, 3)
	s, b := l.Snapshots(), raw(t, 20)
	require.ErrorIs(t, s.Receive(mark(21), bytes.NewReader(b)), record.ErrDamaged)
	require.ErrorIs(t, s.Receive(mark(20), bytes.NewReader(append(b, 0))), record.ErrDamaged)
	s.SetCell(cell.CellID{9})
	require.ErrorIs(t, s.Receive(mark(20), bytes.NewReader(b)), record.ErrForeign)
}

// A peer's file that decodes to more than its trailer says is stopped there, however small it is.
func TestB1_ASnapshotBombIsStopped(t *testing.T) {
	_, peer := fresh(t, Options{Cell: home}, 5)
	s := peer.Snapshots()
	require.NoError(t, s.Create(mark(5), func(w io.Writer) error {
		_, err := w.Write(make([]byte, 8<<20))
		return err
	}))
	path := s.path(mark(5), suffixSnap)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Less(t, len(b), 1<<16)
	body := b[:len(b)-record.SnapshotTrailerBytes]
	trailer := record.SnapshotTrailer{RawBytes: 10, FileBytes: uint64(len(b))}
	forged := trailer.AppendSummed(append([]byte(nil), body...))
	trailer.FileSum = record.UpdateSum(0, forged)
	forged = trailer.AppendEnd(forged)
	_, l := fresh(t, small, 3)
	err = l.Snapshots().Receive(mark(5), bytes.NewReader(forged))
	require.ErrorIs(t, err, record.ErrDamaged)
	require.ErrorContains(t, err, "more than its 10 bytes")
}

// An Install may wait for its turn while the next attempt's snapshot is already here; what
// attempts leave behind is bounded all the same.
func TestZ7_TheNextReceivedSnapshotDoesNotRobTheWaitingInstall(t *testing.T) {
	dir, l := fresh(t, small, 3)
	for _, i := range []uint64{20, 30, 40} {
		require.NoError(t, l.Snapshots().Receive(mark(i), bytes.NewReader(raw(t, i))))
	}
	waiting, err := l.Snapshots().named(suffixReceived)
	require.NoError(t, err)
	require.Equal(t, []record.Mark{mark(40), mark(30)}, waiting)
	require.NoError(t, l.Install(mark(30)))
	require.NoError(t, l.Install(mark(40)))
	holds(t, l, 41, 40)
	require.NoError(t, l.Close())
	l, _ = open(t, dir, small)
	holds(t, l, 41, 40)
}

func TestASentSnapshotOutlivesPruning(t *testing.T) {
	_, l := fresh(t, small, 10)
	snap(t, l, 5)
	r, size, err := l.Snapshots().OpenRaw(mark(5))
	require.NoError(t, err)
	snap(t, l, 10)
	require.NoError(t, l.Snapshots().Prune(1))
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Len(t, b, int(size))
	require.NoError(t, r.Close())
}

func TestForeignNamesAreNoSnapshots(t *testing.T) {
	_, l := fresh(t, small, 10)
	for _, name := range []string{"x.snap", "00000000000000000000-0000000000000000.snap", "README"} {
		require.NoError(t, os.WriteFile(filepath.Join(l.Snapshots().dir, name), nil, 0o600))
	}
	require.Empty(t, listed(t, l.Snapshots()))
}
