package host

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/replica/zab"
)

// recover is the way from a directory to a replica: whose is it, what does it hold.
func (h *Host) recover() (*replica.Replica, *wal.Log, *replica.Effects, error) {
	c := &h.config
	if err := h.readBirth(); err != nil {
		return nil, nil, nil, err
	}
	if err := h.livesOn(); err != nil {
		return nil, nil, nil, err
	}
	log, found, err := wal.Open(c.Dir, wal.Options{Cell: h.birth.Cell, SegmentBytes: c.SegmentBytes})
	if err != nil {
		return nil, nil, nil, err
	}
	alone := c.Clock.Now() // the directory is this process's only
	for _, note := range found.Notes {
		c.Log.Warn(note)
	}
	r, eff, err := h.begin(log, &found, alone)
	if err != nil {
		return nil, nil, nil, errors.Join(err, log.Close())
	}
	c.Log.Info(describe(found, h.birth))
	return r, log, eff, nil
}

// readBirth refuses a directory of another cell or replica, and says which it is (Z11).
func (h *Host) readBirth() error {
	b, ok, err := wal.ReadBirth(h.config.Dir)
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("%w: data directory %s has no birth record: Adopt it first", cell.ErrUsage, h.config.Dir)
	case b.Name != h.config.Cell:
		return fmt.Errorf("%w: data directory %s is of cell %s, not %s", cell.ErrWrongCell,
			h.config.Dir, b.Name, h.config.Cell)
	case b.Replica != h.config.ID:
		return fmt.Errorf("%w: data directory %s is of replica %d, not %d", cell.ErrUsage,
			h.config.Dir, b.Replica, h.config.ID)
	}
	h.birth = b
	return nil
}

// livesOn refuses a directory whose replica died applying a transaction, and would again (B5).
func (h *Host) livesOn() error {
	refusal, died, err := wal.ReadDeath(h.config.Dir)
	if err == nil && died {
		return fmt.Errorf("data directory %s: %w", h.config.Dir, refusal)
	}
	return err
}

// remember notes of what the replica died. Nothing runs any more that this could hold up.
func (h *Host) remember(d replica.Death) {
	if err := wal.WriteDeath(h.config.Dir, d.At, d.Why); err != nil {
		h.lines.say("error", "what this replica died of could not be noted: %v", err)
	}
}

// begin counts this start and makes the replica from what the disk holds.
func (h *Host) begin(log *wal.Log, found *wal.Recovered, alone lease.Instant) (
	*replica.Replica, *replica.Effects, error) {
	c := &h.config
	h.snapshots = newSnapshots(h, log.Snapshots())
	seed := random()
	if found.Hard.Incarnation == 0 {
		found.Hard.Incarnation = cell.Incarnation(random() | 1)
	}
	found.Hard.Boot++
	if err := log.SaveHard(found.Hard); err != nil {
		return nil, nil, err
	}
	t, size, err := h.loadTree(found.Summary.Snapshot)
	if err != nil {
		return nil, nil, err
	}
	lists, err := memberLists(t, found)
	if err != nil {
		return nil, nil, err
	}
	if h.audit, err = newAudit(c.Audit, found.Summary.Last.Zxid, h.unaudited); err != nil {
		return nil, nil, err
	}
	eff := &replica.Effects{}
	eff.Reset()
	return replica.New(replica.Config{
		CellName: c.Cell, CellID: h.birth.Cell, Tree: t,
		Core: zab.Config{ID: c.ID, Members: c.Members, Hard: found.Hard, Log: found.Summary, Recent: found.Recent,
			Lists: lists, MembersOf: tree.MembersOf, Lengths: c.Lengths, Since: alone, Seed: seed, RollAt: c.RollAt},
		Birth: tree.Birth{Cell: c.Cell, ID: h.birth.Cell, Lengths: c.Lengths, Limits: c.Limits, Format: cell.Format,
			HandleKey: handleKey(), Admin: h.birth.Admin},
		Snapshot:    replica.SnapshotPolicy{LogBytes: c.SnapshotLog, LogCount: c.SnapshotCount, LastBytes: size},
		MarkerEvery: c.MarkerEvery, Audit: h.audit != nil,
	}, replica.Moment{Now: c.Clock.Now(), Wall: time.Now().UnixNano()}, eff), eff, nil
}

func random() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// handleKey is the one that counts if this replica becomes the first master of its cell.
func handleKey() (key [32]byte) {
	_, _ = rand.Read(key[:]) // never fails
	return key
}

// loadTree reads the newest snapshot, or gives an empty tree when there is none.
func (h *Host) loadTree(m record.Mark) (*tree.Tree, int64, error) {
	if m == (record.Mark{}) {
		return tree.New(h.treeOptions()), 0, nil
	}
	r, err := h.snapshots.files.Open(m)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = r.Close() }() // only read
	size := int64(0)
	t, err := tree.DecodeTree(&countedReader{r, &size}, h.treeOptions())
	if err != nil {
		return nil, 0, fmt.Errorf("snapshot %v: %w", m, err)
	}
	if t.Mark() != m {
		return nil, 0, fmt.Errorf("snapshot %v holds the tree at %v: remove it and start again", m, t.Mark())
	}
	return t, size, nil
}

// memberLists are the lists that the core must obey: the snapshot's, and those in the log behind it.
func memberLists(t *tree.Tree, found *wal.Recovered) ([]zab.List, error) {
	var lists []zab.List
	if t.Born() {
		lists = append(lists, zab.List{Index: found.Summary.Snapshot.Index, Members: t.Members()})
	}
	for _, r := range found.Lists {
		m, err := tree.MembersOf(r.Payload)
		if err != nil {
			return nil, fmt.Errorf("the member list at %v: %w", r.Mark(), err)
		}
		lists = append(lists, zab.List{Index: r.Index, Members: m})
	}
	return lists, nil
}
