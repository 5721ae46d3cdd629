package wal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

func TestALogComesBackAsItWas(t *testing.T) {
	dir, l := fresh(t, small, 50)
	holds(t, l, 1, 50)
	require.Greater(t, len(l.segments), 5)
	require.NoError(t, l.Close())
	l, found := open(t, dir, small)
	require.Equal(t, begun, found.Hard)
	require.True(t, found.HadHard)
	require.Equal(t, record.Summary{
		First: 1, Last: mark(50), Epochs: []record.EpochEnd{{Epoch: 1, Last: mark(50)}},
	}, found.Summary)
	require.Equal(t, recs(1, 50), found.Recent)
	require.Zero(t, found.TornBytes)
	require.Empty(t, found.Notes)
	put(t, l, 51, 60)
	holds(t, l, 1, 60)
}

// The end of a log that is larger than what of it stays in memory comes back as it was, wherever in the
// segments it begins.
func TestTheEndOfALongLogComesBack(t *testing.T) {
	dir, l := fresh(t, small, 50)
	require.NoError(t, l.Close())
	one := record.HeaderBytes + len(rec(50).Payload)
	for n := range 30 {
		o := small
		o.RecentBytes = (n + 1) * one
		l, found := open(t, dir, o)
		require.Equal(t, recs(uint64(50-n), 50), found.Recent)
		require.NoError(t, l.Close())
	}
}

// What is read stays as it is, whatever is read and written after it.
func TestWhatWasReadStays(t *testing.T) {
	_, l := fresh(t, small, 50)
	var all []record.Record
	for i := uint64(1); i <= 50; i++ {
		rs, err := l.Read(i, 1, 1<<20)
		require.NoError(t, err)
		all = append(all, rs...)
	}
	put(t, l, 51, 80)
	require.NoError(t, l.TruncateAfter(45))
	put(t, l, 46, 60)
	require.Equal(t, recs(1, 50), all)
}

func TestOneAppendMayFillManySegments(t *testing.T) {
	dir, l := fresh(t, small, 0)
	require.NoError(t, l.Append(recs(1, 3)))
	require.NoError(t, l.Append(recs(4, 100)))
	require.NoError(t, l.Append(nil))
	require.NoError(t, l.Sync())
	holds(t, l, 1, 100)
	require.NoError(t, l.Close())
	for _, size := range []int{90, 4000} { // a segment size may change between starts
		l, _ = open(t, dir, Options{Cell: home, SegmentBytes: size})
		last := l.Last().Index
		put(t, l, last+1, last+20)
		holds(t, l, 1, last+20)
		require.NoError(t, l.Close())
	}
}

func TestReadKeepsItsBounds(t *testing.T) {
	_, l := fresh(t, small, 20)
	rs, err := l.Read(5, 3, 1<<20)
	require.NoError(t, err)
	require.Equal(t, recs(5, 7), rs)
	rs, err = l.Read(5, 100, 2*len(rec(5).Payload)+1)
	require.NoError(t, err)
	require.Equal(t, recs(5, 6), rs)
	rs, err = l.Read(5, 100, 0)
	require.NoError(t, err)
	require.Equal(t, recs(5, 5), rs, "one at least")
	rs, err = l.Read(21, 1, 1)
	require.NoError(t, err)
	require.Empty(t, rs)
}

func TestZ5_TruncateCutsAnywhere(t *testing.T) {
	whole, _ := closed(t, 30)
	for cut := range uint64(31) {
		dir := image(t, whole)
		l, _ := open(t, dir, small)
		require.NoError(t, l.TruncateAfter(cut))
		holds(t, l, 1, cut)
		put(t, l, cut+1, cut+5)
		holds(t, l, 1, cut+5)
		require.NoError(t, l.Close())
		l, found := open(t, dir, small)
		require.Equal(t, mark(cut+5), found.Summary.Last)
		holds(t, l, 1, cut+5)
	}
}

func TestZ5_ZK4837_TruncateRemovesSnapshotsAboveTheCut(t *testing.T) {
	_, l := fresh(t, small, 30)
	for _, i := range []uint64{10, 20, 30} {
		snap(t, l, i)
	}
	require.NoError(t, l.TruncateAfter(20))
	require.Equal(t, []uint64{20, 10}, listed(t, l.Snapshots()))
	require.NoError(t, l.TruncateAfter(19))
	require.Equal(t, []uint64{10}, listed(t, l.Snapshots()))
}

func TestZ5_TruncateReachesBackToTheSnapshotAndNoFurther(t *testing.T) {
	dir, l := fresh(t, small, 5)
	receive(t, l, 40)
	require.NoError(t, l.Install(mark(40)))
	put(t, l, 41, 50)
	require.NoError(t, l.TruncateAfter(40))
	holds(t, l, 41, 40)
	require.Equal(t, mark(40), l.Last())
	put(t, l, 41, 44)
	err := l.TruncateAfter(39)
	require.ErrorContains(t, err, "no snapshot reaches it")
	require.Equal(t, err, l.Sync())
	require.NoError(t, l.Close())
	l, _ = open(t, dir, small)
	holds(t, l, 41, 44)
}

func TestZ12_CompactKeepsTheLogBackToTheOldestSnapshot(t *testing.T) {
	dir, l := fresh(t, small, 60)
	snap(t, l, 20)
	snap(t, l, 40)
	require.NoError(t, l.Compact(60))
	require.Equal(t, uint64(1), l.First(), "no snapshot has been verified")
	require.NoError(t, l.Snapshots().Verify(mark(40)))
	require.NoError(t, l.Compact(10))
	first := l.First()
	require.Greater(t, first, uint64(1))
	require.LessOrEqual(t, first, uint64(10))
	require.NoError(t, l.Compact(60))
	first = l.First()
	require.Greater(t, first, uint64(10))
	require.LessOrEqual(t, first, uint64(21))
	holds(t, l, first, 60)
	_, err := l.Read(first-1, 1, 1)
	require.ErrorIs(t, err, ErrCompacted)
	put(t, l, 61, 65)
	require.NoError(t, l.Close())
	l, found := open(t, dir, small)
	require.Equal(t, record.Summary{
		Snapshot: mark(40), First: first, Last: mark(65),
		Epochs: []record.EpochEnd{{Epoch: 1, Last: mark(65)}},
	}, found.Summary)
	holds(t, l, first, 65)
}

func TestZ7_InstallReplacesTheHistory(t *testing.T) {
	for _, at := range []uint64{3, 15, 30, 100} { // below, at and above what the log has
		dir, l := fresh(t, small, 30)
		snap(t, l, 10)
		snap(t, l, 20)
		receive(t, l, at)
		require.NoError(t, l.Install(mark(at)))
		require.Equal(t, []uint64{at}, listed(t, l.Snapshots()))
		holds(t, l, at+1, at)
		require.Equal(t, mark(at), l.Last())
		put(t, l, at+1, at+9)
		holds(t, l, at+1, at+9)
		require.NoError(t, l.Close())
		l, found := open(t, dir, small)
		require.Equal(t, mark(at), found.Summary.Snapshot)
		holds(t, l, at+1, at+9)
		reads(t, l.Snapshots(), at)
		require.NoError(t, l.Close())
	}
}

func TestZ7_InstallNeedsAWholeReceivedSnapshot(t *testing.T) {
	dir, l := fresh(t, small, 5)
	require.ErrorContains(t, l.Install(mark(9)), "has been received")
	require.NoError(t, l.Close())
	l, _ = open(t, dir, small)
	receive(t, l, 9)
	require.NoError(t, l.Close())
	l, found := open(t, dir, small)
	require.Equal(t, mark(5), found.Summary.Last, "it was not installed")
	require.ErrorContains(t, l.Install(mark(9)), "has been received")
}

func TestADirectoryIsUsedByOneProcess(t *testing.T) {
	dir, l := fresh(t, small, 3)
	_, _, err := Open(dir, small)
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, "process")
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	require.ErrorIs(t, l.Sync(), ErrClosed)
	open(t, dir, small)
}

func TestZ1_NothingIsAppendedBeforeTheFirstHardState(t *testing.T) {
	l, found := open(t, filepath.Join(t.TempDir(), "data"), small)
	require.False(t, found.HadHard)
	require.ErrorContains(t, l.Append(recs(1, 1)), "before the first hard state")
}

func TestZ9_WhatDoesNotFollowIsNotWritten(t *testing.T) {
	torn := rec(4)
	torn.Payload = append([]byte(nil), torn.Payload...)
	torn.Payload[0] ^= 1
	odd := rec(4)
	odd.Kind = 77
	for name, bad := range map[string][]record.Record{
		"a gap":           recs(5, 5),
		"again":           recs(3, 3),
		"a gap inside":    {rec(4), rec(6)},
		"an old zxid":     {record.Make(4, cell.MakeZxid(1, 3), record.Normal, nil)},
		"a changed byte":  {torn},
		"an unknown kind": {odd},
		"too large":       {record.Make(4, rec(4).Zxid, record.Normal, make([]byte, record.MaxPayload+1))},
	} {
		dir, l := fresh(t, small, 3)
		err := l.Append(bad)
		require.Error(t, err, name)
		require.Equal(t, err, l.Append(recs(4, 4)), name)
		require.Equal(t, err, l.Sync(), name)
		require.NoError(t, l.Close())
		l, _ = open(t, dir, small)
		holds(t, l, 1, 3)
	}
}

// Every operation that changes the disk fails once: the Log must answer that error for ever,
// and the directory must open again with at least what had been synced.
func TestZ9_ZK3701_AnyErrorOfTheDiskIsFinal(t *testing.T) {
	broken := errors.New("the disk is broken")
	jobs := map[string]func(l *Log) error{
		"append":   func(l *Log) error { return errors.Join(l.Append(recs(31, 40)), l.Sync()) },
		"hard":     func(l *Log) error { return l.SaveHard(begun) },
		"truncate": func(l *Log) error { return l.TruncateAfter(17) },
		"install":  func(l *Log) error { return l.Install(mark(25)) },
		"compact":  func(l *Log) error { return l.Compact(30) },
	}
	whole, _ := closed(t, 30, 10)
	received := raw(t, 25)
	for name, job := range jobs {
		for k := 1; ; k++ {
			left := 0
			o := small
			o.door.before = func(op, path string) error {
				if left--; left == 0 {
					return broken
				}
				return nil
			}
			dir := image(t, whole)
			l, _ := open(t, dir, o)
			require.NoError(t, l.Snapshots().Verify(mark(10)))
			require.NoError(t, l.Snapshots().Receive(mark(25), bytes.NewReader(received)))
			left = k
			err := job(l)
			if err == nil {
				require.Greater(t, k, 1, name)
				break
			}
			left = 0
			require.ErrorIs(t, err, broken)
			staysBroken(t, l, broken)
			_ = l.Close()
			again, _ := open(t, dir, small)
			holds(t, again, again.First(), again.Last().Index)
			require.GreaterOrEqual(t, again.Last().Index, uint64(17), name)
			require.NoError(t, again.Close())
		}
	}
}

// staysBroken checks that every method answers the first error.
func staysBroken(t *testing.T, l *Log, broken error) {
	t.Helper()
	_, err := l.Read(20, 1, 1)
	for _, next := range []error{
		err, l.Append(recs(31, 31)), l.Sync(), l.SaveHard(begun), l.TruncateAfter(1), l.Install(mark(25)), l.Compact(9),
	} {
		require.ErrorIs(t, next, broken)
	}
}

func TestZ11_TheHardStateIsReplacedWhole(t *testing.T) {
	dir, l := fresh(t, small, 1)
	want := begun
	for boot := range uint64(5) {
		want.Boot = boot
		want.Seen = append(want.Seen, record.Seen{ID: 1, Incarnation: cell.Incarnation(boot), Boot: boot})
		require.NoError(t, l.SaveHard(want))
	}
	require.NoError(t, l.Close())
	_, found := open(t, dir, small)
	require.Equal(t, want, found.Hard)
}

func TestZ11_TheBirthRecordIsWrittenOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data-1")
	_, ok, err := ReadBirth(dir)
	require.NoError(t, err)
	require.False(t, ok)
	b := record.Birth{Cell: home, Name: "local", Replica: 1}
	require.NoError(t, WriteBirth(dir, b))
	require.ErrorIs(t, WriteBirth(dir, record.Birth{Cell: home, Name: "other", Replica: 2}), os.ErrExist)
	got, ok, err := ReadBirth(dir)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, b, got)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "birth"), []byte("garbage"), 0o600))
	_, _, err = ReadBirth(dir)
	require.ErrorIs(t, err, record.ErrDamaged)
	b.Name = string(make([]byte, record.MaxCellName+1))
	require.ErrorIs(t, WriteBirth(filepath.Join(dir, "x"), b), cell.ErrTooLarge)
}

// The birth record, with a crash before each step and every byte of it cut or flipped: it is there whole, or
// not at all and can be written, or refused with the remedy.
func TestZ11_ABirthRecordIsThereWholeOrNotAtAll(t *testing.T) {
	root, b := t.TempDir(), record.Birth{Cell: home, Name: "local", Replica: 1}
	var images []string
	before := door{before: func(string, string) error {
		images = append(images, image(t, root))
		return nil
	}}
	require.NoError(t, writeBirth(before, filepath.Join(root, "data"), b))
	require.Greater(t, len(images), 4)
	for i, at := range images {
		dir := filepath.Join(at, "data")
		got, ok, err := ReadBirth(dir)
		require.NoError(t, err, "before step %d", i)
		if ok {
			require.Equal(t, b, got)
			continue
		}
		require.NoError(t, WriteBirth(dir, b), "before step %d", i)
	}
	dir := filepath.Join(root, "data")
	whole, err := os.ReadFile(filepath.Join(dir, "birth"))
	require.NoError(t, err)
	refuses := func(bytes []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "birth"), bytes, 0o600))
		_, _, err := ReadBirth(dir)
		var refusal *record.Refusal
		require.ErrorAs(t, err, &refusal)
		require.NotEmpty(t, refusal.Remedy)
	}
	for n := range whole {
		refuses(whole[:n])
		flipped := append([]byte(nil), whole...)
		flipped[n] ^= 1 << (n % 8)
		refuses(flipped)
	}
}

func TestFreeBytesIsKnown(t *testing.T) {
	n, err := FreeBytes(t.TempDir())
	require.NoError(t, err)
	require.Positive(t, n)
	_, err = FreeBytes(filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
}
