package tree

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

func (l *loader) head(w *wire.SnapHead) error {
	f := &l.t.facts
	if w.Format > l.t.highest {
		return fmt.Errorf("format %d; this version knows up to %d", w.Format, l.t.highest)
	}
	f.mark, f.format, f.cell = record.Mark{Index: w.Index, Zxid: cell.Zxid(w.Zxid)}, w.Format, w.Cell
	if err := fill(f.id[:], w.Id, "cell id"); err != nil {
		return err
	}
	if !f.Born() {
		return nil
	}
	if err := fill(f.key[:], w.HandleKey, "handle key"); err != nil {
		return err
	}
	f.admin, l.t.aclDir = w.Admin, cell.ACLDirectory(w.Cell)
	var err error
	if f.members, err = call.MembersFromWire(w.Members); err != nil {
		return err
	}
	f.limits = call.LimitsFromWire(w.Limits)
	f.granted = cell.Granted{SessionLease: cell.Span(w.GrantedSession), CacheLease: cell.Span(w.GrantedCache)}
	f.age = Age{lease.Duration(w.AgePassed), lease.Duration(w.AgeUpto)}
	if f.lengths, err = call.LengthsFromWire(w.Lengths); err != nil {
		return err
	}
	return l.quotas(w.Quotas)
}

// quotas come before the nodes, which they count anew: what they say of them is not believed.
func (l *loader) quotas(w []*wire.Quota) error {
	all, err := call.QuotasFromWire(w)
	if err != nil || len(all) > MaxQuotas {
		return fmt.Errorf("%d quotas: %w", len(w), errors.Join(err, cell.ErrTooLarge))
	}
	for _, q := range all {
		q.UsedNodes, q.UsedBytes = 0, 0
		l.t.keepQuota(q)
	}
	return nil
}

func (l *loader) session(w *wire.SnapSession) error {
	id := cell.SessionID(w.Id)
	if l.stage != atSessions || id == 0 || l.lastSession != nil && id <= l.lastSession.id {
		return errors.New("out of order")
	}
	x := &session{id: id, identity: w.Identity, principal: w.Principal, address: w.Address, created: w.Created,
		caching: w.Caching, ended: w.Ended, why: w.Why, rest: w.Rest, lastCall: w.LastCall, acked: w.Acked}
	if err := fill(x.keyHash[:], w.KeyHash, "key hash"); err != nil {
		return err
	}
	l.t.addSession(x)
	l.lastSession = x
	return nil
}

func (l *loader) record(w *wire.SnapRecord) error {
	if l.stage != atSessions || l.lastSession == nil {
		return errors.New("out of order")
	}
	r, err := call.ResultFromWire(w.Result)
	if err != nil {
		return err
	}
	a := &answer{call: w.Call, result: r, bytes: r.Recorded()}
	a.sum = a.hash(l.lastSession.id)
	l.t.sum += a.sum
	l.lastSession.answers = append(l.lastSession.answers, a)
	return nil
}

func (l *loader) node(w *wire.SnapNode) error {
	name, err := cell.ParseName(w.Name)
	if err != nil {
		return err
	}
	if l.stage > atNodes || name <= l.lastNode {
		return errors.New("out of order")
	}
	l.stage, l.lastNode = atNodes, name
	owner := cell.SessionID(w.Owner)
	if owner != 0 && l.t.session(owner) == nil {
		return fmt.Errorf("%s belongs to session %v, which is not there", name, owner)
	}
	past, err := pastFromWire(w.History)
	if err != nil {
		return err
	}
	n := &node{name: name, contents: w.Contents, instance: w.Instance, contentGeneration: w.ContentGeneration,
		checksum: w.Checksum, created: w.Created, modified: w.Modified, zxid: cell.Zxid(w.Zxid)}
	x := extra{aclGeneration: w.AclGeneration, childrenGeneration: w.ChildrenGeneration, sequence: w.Sequence,
		lockGeneration: w.LockGeneration, owner: owner, children: int(w.Children), past: past,
		lasting: call.Lasting{Container: w.Container, TTL: w.Ttl}, aged: lease.Duration(w.Aged)}
	if err := l.acl(&x, name, w.Acl); err != nil {
		return err
	}
	if x != noExtra {
		kept := x
		n.extra = &kept
	}
	l.t.addNode(n)
	return nil
}

// acl gives a node the ACL names that it had: its parent's own, where they are the same.
func (l *loader) acl(x *extra, of cell.Name, w *wire.ACL) error {
	if w == nil {
		return nil
	}
	a, err := call.ACLFromWire(w)
	if err == nil && (a.Read == "" || a.Write == "" || a.Change == "") {
		err = fmt.Errorf("%s lacks the name of an ACL", of)
	}
	x.acl = &a
	if above, ok := of.Parent(); ok {
		if p := l.t.node(above); p != nil && p.extras().acl != nil && *p.extras().acl == a {
			x.acl = p.extras().acl
		}
	}
	return err
}

func (l *loader) lock(w *wire.SnapLock) error {
	name, err := cell.ParseName(w.Name)
	if err != nil {
		return err
	}
	if l.lastLock != nil && name <= l.lastLock.name {
		return errors.New("out of order")
	}
	n := l.t.node(name)
	if n == nil || n.instance != w.Instance {
		return fmt.Errorf("the lock of %s is of no node", name)
	}
	l.closeLock()
	l.stage, l.lastLock = atLocks, l.t.ownLock(n)
	return nil
}

// closeLock ends the edit of the lock before.
func (l *loader) closeLock() {
	if l.lastLock != nil {
		l.t.keepLock(l.lastLock)
	}
}

func (l *loader) hold(w *wire.SnapHold) error {
	if l.lastLock == nil {
		return errors.New("out of order")
	}
	h := &hold{number: w.Hold, session: cell.SessionID(w.Session), call: w.Call, mode: cell.Mode(w.Mode), token: w.Token,
		delay: w.Delay, margin: w.Margin, maxHold: w.MaxHold, note: w.Note, asked: w.Asked, granted: w.Granted}
	loss, err := call.LossFromWire(w.Loss)
	if err != nil {
		return err
	}
	h.loss = loss
	if l.t.session(h.session) == nil || w.Mode > uint32(cell.Exclusive) {
		return fmt.Errorf("hold %d of session %v, which is not there, or of mode %d", h.number, h.session, w.Mode)
	}
	if _, twice := l.t.tiesOf(h.session).holds.Get(h.number); twice {
		return fmt.Errorf("hold %d comes twice", h.number)
	}
	list := l.lastLock.queue
	if h.token != 0 {
		list = l.lastLock.holders
	}
	if len(list) > 0 && list[len(list)-1].number >= h.number {
		return errors.New("out of order")
	}
	l.t.addHold(l.lastLock, h)
	return nil
}

func (l *loader) delay(w *wire.SnapDelay) error {
	if l.lastLock == nil {
		return errors.New("out of order")
	}
	d := delay{token: w.Token, length: lease.Duration(w.Length), shared: w.Shared}
	l.t.sum += d.hash(l.lastLock)
	l.lastLock.delays = append(l.lastLock.delays, d)
	return nil
}
