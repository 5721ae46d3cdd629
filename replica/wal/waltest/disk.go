package waltest

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Disk is what a host needs of log and snapshots; the meaning of each method is that of
// wal.Log and wal.Snapshots.
type Disk interface {
	Append([]record.Record) error
	Sync() error
	SaveHard(record.HardState) error
	TruncateAfter(index uint64) error
	Read(from uint64, maxRecords, maxBytes int) ([]record.Record, error)
	Install(record.Mark) error
	Compact(keepFrom uint64) error
	Close() error

	Create(record.Mark, func(io.Writer) error) error
	Open(record.Mark) (io.ReadCloser, error)
	OpenRaw(record.Mark) (io.ReadCloser, int64, error)
	Receive(record.Mark, io.Reader) error
	Verify(record.Mark) error
	Prune(keep int) error
	List() ([]record.Mark, error)
}

// Machine is one data directory, empty at first, of a cell that all machines of a test share.
type Machine interface {
	// Start opens the directory as a new process would.
	Start() (Disk, record.Recovered, error)
	// Crash ends the process that uses the directory, which may lose what was not synced.
	Crash()
}

// Run runs the suite; machine makes one for each test that asks. Segments should be small.
func Run(t *testing.T, machine func(t *testing.T) Machine) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, machine func(t *testing.T) Machine)
	}{
		{"Z1_SyncedMeansSynced", testSynced},
		{"Z1_TheHardStateSurvives", testHard},
		{"Z1_NothingBeforeTheFirstHardState", testHardFirst},
		{"Z5_ACutIsForGood", testCut},
		{"Z7_AReceivedSnapshotCountsFromInstallOn", testInstall},
		{"Z7_APartialSnapshotLeavesNothing", testPartial},
		{"Z9_AnErrorIsFinal", testFinal},
		{"Z12_TheLogReachesBackToTheOldestSnapshot", testCompact},
		{"ReadKeepsItsBounds", testRead},
		{"AnyOrderOfOperations", testModel},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, machine) })
	}
}

func rec(i uint64) record.Record {
	return record.Make(i, cell.MakeZxid(1, uint32(i)), record.Normal, fmt.Appendf(nil, "payload of record %d", i))
}

func recs(from, to uint64) (rs []record.Record) {
	for i := from; i <= to; i++ {
		rs = append(rs, rec(i))
	}
	return rs
}

func mark(i uint64) record.Mark {
	if i == 0 {
		return record.Mark{}
	}
	return rec(i).Mark()
}

func writer(i uint64) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(contents(i))
		return err
	}
}

func contents(i uint64) []byte { return fmt.Appendf(nil, "the tree at %d", i) }

var begun = record.HardState{Incarnation: 7, Boot: 1, Begun: true}

// fresh starts a machine and gives it records 1 … last, synced.
func fresh(t *testing.T, m Machine, last uint64) Disk {
	t.Helper()
	d, found, err := m.Start()
	require.NoError(t, err)
	require.False(t, found.HadHard)
	require.Equal(t, record.Summary{First: 1}, found.Summary)
	require.NoError(t, d.SaveHard(begun))
	require.NoError(t, d.Append(recs(1, last)))
	require.NoError(t, d.Sync())
	return d
}

func put(t *testing.T, d Disk, from, to uint64) {
	t.Helper()
	for i := from; i <= to; i++ {
		require.NoError(t, d.Append(recs(i, i)))
		require.NoError(t, d.Sync())
	}
}

func again(t *testing.T, m Machine) (Disk, record.Recovered) {
	t.Helper()
	m.Crash()
	d, found, err := m.Start()
	require.NoError(t, err)
	return d, found
}

func snap(t *testing.T, d Disk, i uint64) {
	t.Helper()
	require.NoError(t, d.Create(mark(i), writer(i)))
}

// send brings the snapshot at i from another machine to d.
func send(t *testing.T, peer Machine, d Disk, i uint64) {
	t.Helper()
	from := fresh(t, peer, i)
	snap(t, from, i)
	r, size, err := from.OpenRaw(mark(i))
	require.NoError(t, err)
	require.Positive(t, size)
	require.NoError(t, d.Receive(mark(i), r))
	require.NoError(t, r.Close())
	require.NoError(t, from.Close())
}

func listed(t *testing.T, d Disk) []uint64 {
	t.Helper()
	marks, err := d.List()
	require.NoError(t, err)
	at := []uint64{}
	for _, m := range marks {
		require.Equal(t, mark(m.Index), m)
		at = append(at, m.Index)
	}
	return at
}

func holds(t *testing.T, d Disk, from, last uint64) {
	t.Helper()
	rs, err := d.Read(from, 1<<20, 1<<30)
	require.NoError(t, err)
	require.Equal(t, recs(from, last), rs)
}

func reads(t *testing.T, d Disk, i uint64) {
	t.Helper()
	r, err := d.Open(mark(i))
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, contents(i), got)
}
