package host

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
)

// Adopt gives a data directory without a birth record (a new disk, a wrong path) the identity
// of the cell that the other replicas are of, by name: it asks them until one answers. Such a
// directory starts as a learner and waits to be admitted (Z11). It does nothing to a directory
// that has a birth record.
func Adopt(ctx context.Context, c Config) error {
	if err := c.fill(); err != nil {
		return err
	}
	_, ok, err := wal.ReadBirth(c.Dir)
	if ok || err != nil {
		return err
	}
	told := time.Time{}
	for {
		var away []string
		for _, m := range c.Members {
			if m.ID == c.ID {
				continue
			}
			id, err := askCell(ctx, &c, m)
			if err == nil {
				return c.bear(id)
			}
			away = append(away, fmt.Sprintf("%d %s", m.ID, reason(err)))
		}
		if time.Since(told) > time.Minute {
			told = time.Now()
			c.Log.Warnf("data directory %s has no birth record: "+
				"waiting for a replica of cell %s to say which cell it is; away: %s",
				c.Dir, c.Cell, strings.Join(away, ", "))
		}
		pause := time.NewTimer(lastPause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

// bear writes the birth record and, with the first hard state, that this is no voter by birth.
func (c *Config) bear(id cell.CellID) error {
	birth := record.Birth{Cell: id, Name: c.Cell, Replica: c.ID}
	log, found, err := wal.Open(c.Dir, wal.Options{Cell: id, SegmentBytes: c.SegmentBytes})
	if err != nil {
		return err
	}
	if found.Hard.Incarnation == 0 {
		found.Hard.Incarnation = cell.Incarnation(random() | 1)
	}
	found.Hard.Standing = record.Learner
	if err := log.SaveHard(found.Hard); err != nil {
		return err
	}
	if err := log.Close(); err != nil {
		return err
	}
	c.Log.Warnf("data directory %s was new: it starts as a learner of cell %s (%v)", c.Dir, c.Cell, id)
	return wal.WriteBirth(c.Dir, birth)
}

// askCell asks one replica for the id of its cell.
func askCell(ctx context.Context, c *Config, m cell.Member) (cell.CellID, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	o := conn.ForPeers()
	o.Network = c.Network
	x, err := conn.Dial(ctx, m.Peer, o)
	if err != nil {
		return cell.CellID{}, err
	}
	defer func() { _ = x.Close() }() // the answer is all that counts
	defer context.AfterFunc(ctx, func() { _ = x.Close() })()
	id, err := askOver(ctx, x, c, m)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return id, err
}

func askOver(ctx context.Context, x *conn.Conn, c *Config, m cell.Member) (cell.CellID, error) {
	var id cell.CellID
	s, err := x.OpenStream(ctx)
	if err != nil {
		return id, err
	}
	ask := &wire.PeerPreface{Format: cell.Format, Cell: c.Cell, From: uint32(c.ID), To: uint32(m.ID), Use: useAsk}
	if err := s.SendMessage(framePreface, ask); err != nil {
		return id, err
	}
	kind, body, err := s.Recv()
	if err != nil {
		return id, err
	}
	var w wire.PeerPreface
	if kind != framePreface {
		return id, fmt.Errorf("%w: frame type %d for a preface", cell.ErrProtocol, kind)
	}
	if err := wire.Unmarshal(body, &w); err != nil {
		return id, err
	}
	if w.Refused != "" || w.Cell != c.Cell || len(w.CellId) != len(id) {
		return id, fmt.Errorf("%w: it is of cell %q: %s", cell.ErrWrongCell, w.Cell, w.Refused)
	}
	copy(id[:], w.CellId)
	return id, nil
}
