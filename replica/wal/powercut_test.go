//go:build linux || darwin || freebsd

package wal

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// life is what a directory has been told: the history behind base, and the hard state.
type life struct {
	base    uint64
	records []record.Record
	hard    record.HardState
}

func (l life) last() uint64 { return l.base + uint64(len(l.records)) }

// story runs operations one after the other, and looks at what a power failure leaves before
// each single step of them.
type story struct {
	t     *testing.T
	l     *Log
	p     *power
	rng   *rand.Rand
	was   life // acked
	will  life // asked for
	epoch cell.Epoch
	cuts  int
	step  string
}

func (s *story) before(op, path string) error {
	s.p.before(op, path)
	s.look(op + " " + filepath.Base(path))
	return nil
}

func (s *story) look(step string) {
	for name, l := range leaves(s.rng) {
		s.cuts++
		s.check(fmt.Sprintf("%s: %s, failing before %s", name, s.step, step), s.p.image(l))
	}
}

// check: what a failure left starts, has all that was acked, and nothing that was not asked for.
func (s *story) check(what, image string) {
	l, found, err := Open(image, small)
	require.NoError(s.t, err, what)
	defer func() { require.NoError(s.t, l.Close(), what) }()
	if !found.HadHard {
		require.Zero(s.t, s.was.last(), what)
		require.Zero(s.t, s.was.hard, what)
		return
	}
	require.Contains(s.t, []record.HardState{s.was.hard, s.will.hard}, found.Hard, what)
	last := found.Summary.Last.Index
	rs, err := l.Read(found.Summary.First, 1<<20, 1<<30)
	require.NoError(s.t, err, what)
	require.True(s.t, s.was.has(found, rs, s.will) || s.will.has(found, rs, s.was),
		"%s: found %d records up to %d, behind a snapshot at %v; acked are %d, asked for %d",
		what, len(rs), last, found.Summary.Snapshot, s.was.last(), s.will.last())
	for _, i := range listed(s.t, l.Snapshots()) {
		reads(s.t, l.Snapshots(), i)
	}
}

// has reports whether what was found is this life or, when the other goes on from it, some of
// what the other adds.
func (l life) has(found Recovered, rs []record.Record, other life) bool {
	last := found.Summary.Last.Index
	if last < l.last() || found.Summary.First > max(l.base, found.Summary.Snapshot.Index)+1 {
		return false
	}
	if last > l.last() && (l.base != other.base || last > other.last()) {
		return false
	}
	from := l
	if last > l.last() {
		from = other
	}
	for _, r := range rs {
		if r.Index <= from.base {
			continue
		}
		if want := from.records[r.Index-from.base-1]; r.Zxid != want.Zxid || string(r.Payload) != string(want.Payload) {
			return false
		}
	}
	return true
}

// do runs one operation to its end.
func (s *story) do(step string, op func(l *Log) error) {
	s.step = step
	require.NoError(s.t, op(s.l), step)
	s.was = s.will
	s.p.done()
	s.look("the next operation")
}

func (s *story) put(n uint64) {
	rs := make([]record.Record, 0, n)
	for i := s.was.last() + 1; i <= s.was.last()+n; i++ {
		rs = append(rs, record.Make(i, cell.MakeZxid(s.epoch, uint32(i)), record.Normal,
			fmt.Appendf(nil, "payload of record %d", i)))
	}
	s.will.records = append(s.will.records[:len(s.will.records):len(s.will.records)], rs...)
	s.do(fmt.Sprintf("append %d and sync", n), func(l *Log) error {
		if err := l.Append(rs); err != nil {
			return err
		}
		return l.Sync()
	})
}

func (s *story) save(change func(h *record.HardState)) {
	change(&s.will.hard)
	s.do("save the hard state", func(l *Log) error { return l.SaveHard(s.will.hard) })
}

func (s *story) truncate(index uint64) {
	s.will.records = s.will.records[:index-s.will.base]
	s.epoch++
	s.do(fmt.Sprintf("truncate after %d", index), func(l *Log) error { return l.TruncateAfter(index) })
}

func (s *story) snapshot(i uint64) {
	s.do(fmt.Sprintf("snapshot at %d", i), func(l *Log) error {
		return l.Snapshots().Create(mark(i), writer(i))
	})
}

// Everything a log does, in one life, with a power failure before each single step of it, which
// loses what was not synced in six ways: what was acked is there, nothing else is.
func TestZ11_APowerFailureAtAnyStepLosesNothingThatWasAcked(t *testing.T) {
	root := filepath.Join(t.TempDir(), "root")
	s := &story{t: t, p: newPower(t, root), rng: rand.New(rand.NewSource(3)), epoch: 1}
	o := small
	on := false
	o.door.before = func(op, path string) error {
		if on {
			return s.before(op, path)
		}
		return nil
	}
	require.NoError(t, os.MkdirAll(root, 0o700))
	s.p.names[filepath.Dir(root)] = nil
	on = true
	s.step = "the first start"
	l, _, err := Open(root, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	s.l = l
	s.save(func(h *record.HardState) { h.Incarnation, h.Boot = 7, 1 })
	s.put(1)
	s.save(func(h *record.HardState) { h.Begun = true })
	s.put(3)
	s.put(12)
	s.save(func(h *record.HardState) { h.AcceptedEpoch = 2 })
	s.snapshot(10)
	s.put(9)
	s.snapshot(20)
	s.truncate(21)
	s.put(4)
	s.do("verify and compact", func(l *Log) error {
		if err := l.Snapshots().Prune(1); err != nil {
			return err
		}
		return l.Compact(20)
	})
	s.truncate(20)
	s.put(6)
	s.do("receive 80", func(l *Log) error { receive(t, l, 80); return nil })
	s.will.base, s.will.records = 80, nil
	s.do("install 80", func(l *Log) error { return l.Install(mark(80)) })
	s.put(7)
	s.save(func(h *record.HardState) { h.CurrentEpoch = 2 })
	for range 8 {
		s.save(func(h *record.HardState) { h.AcceptedEpoch++ })
	}
	require.Greater(t, s.cuts, 500)
	t.Logf("%d power failures", s.cuts)
}

// Whichever slot is spoilt, and whichever the next save would have been written to: a start makes it good, so
// that a crash in that save leaves the old hard state or the new.
func TestZ1_ASpoiltSlotIsMadeGoodBeforeTheNextSave(t *testing.T) {
	for saves := range uint64(2) {
		for slot := range 2 {
			dir, l := fresh(t, small, 3)
			was := begun
			for ; was.Boot < 1+saves; require.NoError(t, l.SaveHard(was)) {
				was.Boot++
			}
			require.NoError(t, l.Close())
			path := filepath.Join(dir, "hard")
			spoil(t, path, slot*record.SlotSize(was, 0)+20)
			o, next := small, was
			next.Standing = record.Learner
			var left []string
			before := read(t, path)
			o.door.before = func(string, string) error {
				now := read(t, path)
				for torn := range 3 {
					to := image(t, dir)
					b := overwritten(before, now, func(n int) int { return n * torn / 2 })
					require.NoError(t, os.WriteFile(filepath.Join(to, "hard"), b, 0o600))
					left = append(left, to)
				}
				before = now
				return nil
			}
			l, found := open(t, dir, o)
			require.Equal(t, was, found.Hard)
			require.Contains(t, found.Notes[0], "one of the two copies of the hard state")
			require.NoError(t, l.SaveHard(next))
			require.NoError(t, l.Close())
			for _, at := range left {
				l, found := open(t, at, small)
				require.Contains(t, []record.HardState{was, next}, found.Hard)
				require.NoError(t, l.Close())
			}
			l, found = open(t, dir, small)
			require.Equal(t, next, found.Hard)
			require.Empty(t, found.Notes)
			require.NoError(t, l.Close())
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}
