package waltest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// model is the dumb twin of a disk: a list of records, and what of them is durable.
type model struct {
	base   uint64 // of the last Install
	log    []record.Record
	synced int // of log, how many
	snaps  []uint64
	epoch  cell.Epoch
	hard   record.HardState
}

func (m *model) last() uint64 { return m.base + uint64(len(m.log)) }

func (m *model) markAt(i uint64) record.Mark {
	if i == m.base {
		return mark(i)
	}
	return m.log[i-m.base-1].Mark()
}

// testModel does operations in any order, with crashes between them, beside the twin.
func testModel(t *testing.T, machine func(*testing.T) Machine) {
	rapid.Check(t, func(r *rapid.T) {
		disk := machine(t)
		d := fresh(t, disk, 1)
		m := &model{epoch: 1, hard: begun, log: recs(1, 1), synced: 1}
		defer func() { disk.Crash() }()
		r.Repeat(map[string]func(*rapid.T){
			"append": func(r *rapid.T) { m.appendSome(r, d) },
			"sync": func(r *rapid.T) {
				require.NoError(r, d.Sync())
				m.synced = len(m.log)
			},
			"hard": func(r *rapid.T) {
				m.hard.Boot++
				require.NoError(r, d.SaveHard(m.hard))
			},
			"truncate": func(r *rapid.T) { m.truncate(r, d) },
			"snapshot": func(r *rapid.T) { m.snapshot(r, d) },
			"compact":  func(r *rapid.T) { m.compact(r, d) },
			"install":  func(r *rapid.T) { m.install(r, t, machine(t), d) },
			"crash":    func(r *rapid.T) { d = m.crash(r, disk) },
			"":         func(r *rapid.T) { m.check(r, d) },
		})
	})
}

func (m *model) appendSome(r *rapid.T, d Disk) {
	var rs []record.Record
	for range rapid.IntRange(1, 8).Draw(r, "records") {
		if rapid.IntRange(0, 9).Draw(r, "new epoch") == 0 {
			m.epoch++
		}
		i := m.last() + 1
		payload := rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(r, "payload")
		next := record.Make(i, cell.MakeZxid(m.epoch, uint32(i)), record.Normal, payload)
		rs = append(rs, next)
		m.log = append(m.log, next)
	}
	require.NoError(r, d.Append(rs))
}

func (m *model) truncate(r *rapid.T, d Disk) {
	floor := m.base
	if n := len(m.snaps); n > 0 {
		floor = m.snaps[n-1]
	}
	cut := rapid.Uint64Range(floor, max(m.last(), floor)).Draw(r, "cut")
	require.NoError(r, d.TruncateAfter(cut))
	if cut == m.last() {
		return
	}
	m.log = m.log[:cut-m.base]
	m.synced = len(m.log)
	m.snaps = slices.DeleteFunc(m.snaps, func(i uint64) bool { return i > cut })
	m.epoch++ // what follows is of another history
}

func (m *model) snapshot(r *rapid.T, d Disk) {
	if m.synced == 0 {
		return
	}
	i := rapid.Uint64Range(m.base+1, m.base+uint64(m.synced)).Draw(r, "at")
	if len(m.snaps) > 0 && i <= m.snaps[0] {
		return
	}
	require.NoError(r, d.Create(m.markAt(i), writer(i)))
	m.snaps = append([]uint64{i}, m.snaps...)
}

func (m *model) compact(r *rapid.T, d Disk) {
	keep := rapid.IntRange(1, 3).Draw(r, "keep")
	require.NoError(r, d.Prune(keep))
	m.snaps = m.snaps[:min(keep, len(m.snaps))]
	require.NoError(r, d.Compact(rapid.Uint64Range(0, m.last()+1).Draw(r, "from")))
}

func (m *model) install(r *rapid.T, t *testing.T, peer Machine, d Disk) {
	at := rapid.Uint64Range(1, m.last()+10).Draw(r, "at")
	send(t, peer, d, at)
	require.NoError(r, d.Install(mark(at)))
	m.base, m.log, m.synced, m.snaps = at, nil, 0, []uint64{at}
}

func (m *model) crash(r *rapid.T, disk Machine) Disk {
	disk.Crash()
	d, found, err := disk.Start()
	require.NoError(r, err)
	require.Equal(r, m.hard, found.Hard)
	n := int(found.Summary.Last.Index - m.base)
	require.GreaterOrEqual(r, n, m.synced, "what was synced is there")
	require.LessOrEqual(r, n, len(m.log))
	m.log = m.log[:n]
	m.synced = n
	require.Equal(r, m.markAt(m.last()), found.Summary.Last)
	if len(m.snaps) > 0 {
		require.Equal(r, m.markAt(m.snaps[0]), found.Summary.Snapshot)
	}
	return d
}

// check compares the disk with the twin.
func (m *model) check(r *rapid.T, d Disk) {
	marks, err := d.List()
	require.NoError(r, err)
	var at []uint64
	for _, x := range marks {
		require.Equal(r, m.markAt(x.Index), x)
		at = append(at, x.Index)
	}
	require.Equal(r, append([]uint64(nil), m.snaps...), at)
	from := m.base + 1
	if n := len(m.snaps); n > 0 {
		from = m.snaps[n-1] + 1
	}
	rs, err := d.Read(from, 1<<20, 1<<30)
	require.NoError(r, err)
	require.Len(r, rs, int(m.last()+1-from))
	for i, got := range rs {
		want := m.log[from-m.base-1+uint64(i)]
		require.Equal(r, want.Mark(), got.Mark())
		require.Equal(r, string(want.Payload), string(got.Payload))
	}
}
