package wal_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/replica/wal/waltest"
)

// Each sequence of operations costs hundreds of syncs: fewer than rapid's own default unless the
// command line says so.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "10")
	flag.Parse()
	os.Exit(m.Run())
}

// disk remembers what of the last segment was durable, for its machine to tear the rest.
type disk struct {
	*wal.Log
	*wal.Snapshots
	machine *machine
}

func (d *disk) Sync() error { return d.machine.durable(d.Log.Sync()) }

func (d *disk) TruncateAfter(index uint64) error {
	return d.machine.durable(d.Log.TruncateAfter(index))
}

func (d *disk) Install(m record.Mark) error { return d.machine.durable(d.Log.Install(m)) }

func (d *disk) Compact(from uint64) error {
	before, after := d.First(), d.Log.Compact(from)
	if d.First() == before {
		return after
	}
	return d.machine.durable(after)
}

type machine struct {
	t      *testing.T
	dir    string
	random *rand.Rand
	disk   *disk
	synced map[string]int64 // bytes of the last segment that are durable
}

func (m *machine) Start() (waltest.Disk, record.Recovered, error) {
	l, found, err := wal.Open(m.dir, wal.Options{Cell: cell.CellID{1}, SegmentBytes: 400})
	if err != nil {
		return nil, found, err
	}
	m.disk = &disk{l, l.Snapshots(), m}
	return m.disk, found, m.durable(nil)
}

// tail is the last segment and how many bytes of it are written: behind them may be room.
func (m *machine) tail(last uint64) (string, int64) {
	segments, err := filepath.Glob(filepath.Join(m.dir, "log-*", "*"))
	require.NoError(m.t, err)
	path := segments[len(segments)-1]
	first, err := strconv.ParseUint(filepath.Base(path), 10, 64)
	require.NoError(m.t, err)
	data, err := os.ReadFile(path)
	require.NoError(m.t, err)
	size, err := record.OffsetAfter(data, first, last)
	require.NoError(m.t, err)
	return path, int64(size)
}

func (m *machine) durable(err error) error {
	if err == nil {
		path, size := m.tail(m.disk.Last().Index)
		m.synced = map[string]int64{path: size}
	}
	return err
}

// Crash loses or zeroes a part of what was written and not synced, and may leave the room that was
// laid out behind it.
func (m *machine) Crash() {
	if m.disk == nil {
		return
	}
	last := m.disk.Last().Index
	_ = m.disk.Close()
	m.disk = nil
	path, size := m.tail(last)
	from := min(m.synced[path], size)
	b, err := os.ReadFile(path)
	require.NoError(m.t, err)
	cut := from + m.random.Int64N(size-from+1)
	hole := from + m.random.Int64N(cut-from+1)
	clear(b[hole : hole+m.random.Int64N(cut-hole+1)])
	room := m.random.Int64N(2) * m.random.Int64N(500)
	require.NoError(m.t, os.WriteFile(path, append(b[:cut], make([]byte, room)...), 0o600))
}

func TestTheDiskPassesItsSuite(t *testing.T) {
	seed := uint64(0)
	waltest.Run(t, func(t *testing.T) waltest.Machine {
		seed++
		m := &machine{t: t, dir: filepath.Join(t.TempDir(), "data"), random: rand.New(rand.NewPCG(seed, 0))}
		t.Cleanup(m.Crash)
		return m
	})
}
