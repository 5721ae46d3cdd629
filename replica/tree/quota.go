package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// grow counts nodes and bytes that have come at a name, or gone: in the cell, and in each quota of a
// name that covers it.
func (t *Tree) grow(at cell.Name, nodes, bytes int) {
	t.bytes += bytes
	if t.quotas.Len() == 0 {
		return
	}
	for name, ok := at, true; ok; name, ok = name.Parent() {
		if q, found := t.quotas.Get(name); found {
			t.sum -= hashQuota(&q)
			q.UsedNodes, q.UsedBytes = q.UsedNodes+int64(nodes), q.UsedBytes+int64(bytes)
			t.keepQuota(q)
		}
	}
}

// keepQuota enters what is not in the sum.
func (t *Tree) keepQuota(q cell.Quota) {
	t.quotas.Set(q.Name, q)
	t.sum += hashQuota(&q)
}

// admitGrowth refuses what would pass the bytes of the cell, or the quota of a name that covers what
// is made or written (B2): d with size bytes more in its target. What makes nothing larger always
// passes, also where a bound was lowered below what there is.
func (t *Tree) admitGrowth(d *decision, size int) error {
	nodes, bytes := 0, size
	for name, ok := d.target, t.quotas.Len() > 0 || len(d.make) > 0; ok; name, ok = name.Parent() {
		if nodes < len(d.make) {
			nodes, bytes = nodes+1, bytes+len(name)
		} else if t.quotas.Len() == 0 {
			break
		}
		if q, found := t.quotas.Get(name); found {
			if err := admitIn(q, nodes, bytes); err != nil {
				return err
			}
		}
	}
	if t.bytes+bytes > t.limits.Bytes && bytes > 0 {
		return &cell.LimitError{Limit: "bytes", Most: t.limits.Bytes, Got: t.bytes + bytes}
	}
	return nil
}

func admitIn(q cell.Quota, nodes, bytes int) error {
	if got := q.UsedNodes + int64(nodes); q.Nodes > 0 && got > q.Nodes && nodes > 0 {
		return &cell.LimitError{Limit: q.NodesKey(), Most: int(q.Nodes), Got: int(got)}
	}
	if got := q.UsedBytes + int64(bytes); q.Bytes > 0 && got > q.Bytes && bytes > 0 {
		return &cell.LimitError{Limit: q.BytesKey(), Most: int(q.Bytes), Got: int(got)}
	}
	return nil
}

// countOwned keeps, in a rehearsal, the difference to what its session owned before.
func (t *Tree) countOwned(id cell.SessionID, by int) {
	if t.rehearsed != nil {
		t.owned[id] += by
	}
}

// admitEphemeral refuses a session one more than it may own.
func (t *Tree) admitEphemeral(id cell.SessionID) error {
	of := t
	if t.rehearsed != nil {
		of = t.rehearsed
	}
	if got := of.tiesOf(id).ephemerals.Len() + t.owned[id] + 1; got > t.limits.Ephemerals {
		return &cell.LimitError{Limit: "ephemerals", Most: t.limits.Ephemerals, Got: got}
	}
	return nil
}

// Quotas are the cell's, in order of name.
func (s *state) Quotas() []cell.Quota { return s.quotas.Values() }

// decideQuota refuses what is no bound, one more subtree than may have one, and to count more nodes
// than one transaction may.
func (t *Tree) decideQuota(o *call.Set) error {
	name, err := cell.ParseQuotaKey(o.Key)
	if err != nil {
		return err
	}
	if err := t.inCell(name); err != nil {
		return err
	}
	q, there := t.quotas.Get(name)
	if _, err := q.With(o.Key, o.Value); err != nil || there {
		return err
	}
	if got := t.quotas.Len() + 1; got > MaxQuotas && o.Value > 0 {
		return &cell.LimitError{Limit: "quotas", Most: MaxQuotas, Got: got}
	}
	if nodes, _ := t.measure(name); nodes > maxCounted {
		return fmt.Errorf("%w: there are more at %s and below: give its parts a quota each, or begin with one "+
			"before it grows", &cell.LimitError{Limit: "nodes counted for a new quota", Most: maxCounted, Got: nodes}, name)
	}
	return nil
}

// setQuota sets one bound of a subtree's, which is counted when it gets its first.
func (t *Tree) setQuota(key string, value int64) {
	name, err := cell.ParseQuotaKey(key)
	q, there := t.quotas.Get(name)
	if there {
		t.sum -= hashQuota(&q)
	}
	q.Name = name
	if err == nil {
		q, err = q.With(key, value)
	}
	cell.Assert(err == nil, "a quota %q that was found before", key)
	switch {
	case q.Nodes+q.Bytes == 0:
		t.quotas.Delete(name)
		return
	case !there:
		nodes, bytes := t.measure(name)
		q.UsedNodes, q.UsedBytes = int64(nodes), int64(bytes)
	}
	t.keepQuota(q)
}

// measure counts a subtree, up to one node more than maxCounted.
func (s *state) measure(top cell.Name) (nodes, bytes int) {
	count := func(n *node) { nodes, bytes = nodes+1, bytes+len(n.name)+len(n.contents) }
	if n := s.node(top); n != nil {
		count(n)
	}
	below := top + "/"
	s.eachNode(below, func(n *node) bool {
		if !top.Covers(n.name) || nodes > maxCounted {
			return false
		}
		count(n)
		return true
	})
	return nodes, bytes
}

func hashQuota(q *cell.Quota) uint64 {
	h := seedQuota.text(string(q.Name)).number(uint64(q.Nodes)).number(uint64(q.Bytes))
	return uint64(h.number(uint64(q.UsedNodes)).number(uint64(q.UsedBytes)))
}
