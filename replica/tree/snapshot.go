package tree

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/wire"
)

// Encode writes the view as a snapshot: the format byte, then elements, each with its length in
// front. Checksums and compression are the file's business. Every element is hashed anew: a tree that
// has rotted in memory gives cell.ErrRotten instead of a snapshot (Z14). Other errors are those of w.
func (v *View) Encode(w io.Writer) error {
	s := snapshot{to: bufio.NewWriterSize(w, 64<<10)}
	s.element.Element = &wire.SnapElement_Node{Node: &wire.SnapNode{}}
	s.err = s.to.WriteByte(byte(max(v.format, 1)))
	s.head(v)
	v.sessions.Scan(func(_ cell.SessionID, x *session) bool { return s.session(x) })
	v.eachNode("", s.node)
	v.locks.Scan(func(_ cell.Name, l *lock) bool { return s.lock(l) })
	if s.err == nil && s.sum != v.sum {
		return fmt.Errorf("%w: the tree at %v has in memory not what was put there", cell.ErrRotten, v.mark)
	}
	s.put(&wire.SnapElement{Element: &wire.SnapElement_End{End: &wire.SnapEnd{Digest: v.Digest(), Elements: s.elements}}})
	if s.err != nil {
		return s.err
	}
	return s.to.Flush()
}

// snapshot is one being written. It stops at the first error.
type snapshot struct {
	to       *bufio.Writer
	buf      []byte
	length   [binary.MaxVarintLen64]byte
	element  wire.SnapElement // of a node, filled anew for each node: there may be millions
	elements uint64
	sum      uint64 // of every element's hash, as it was found
	err      error
}

func (s *snapshot) put(e *wire.SnapElement) bool {
	if s.err != nil {
		return false
	}
	s.buf, s.err = proto.MarshalOptions{}.MarshalAppend(s.buf[:0], e)
	cell.Assert(s.err == nil && len(s.buf) <= MaxElementBytes, "an element of %d bytes: %v", len(s.buf), s.err)
	if _, s.err = s.to.Write(s.length[:binary.PutUvarint(s.length[:], uint64(len(s.buf)))]); s.err == nil {
		_, s.err = s.to.Write(s.buf)
	}
	s.elements++
	return s.err == nil
}

func (s *snapshot) head(v *View) {
	h := &wire.SnapHead{Index: v.mark.Index, Zxid: uint64(v.mark.Zxid), Format: v.format, Cell: v.cell, Id: v.id[:]}
	if v.Born() {
		h.Members, h.Lengths = call.MembersToWire(v.members), call.LengthsToWire(v.lengths)
		h.Limits, h.HandleKey, h.Admin = call.LimitsToWire(v.limits), v.key[:], v.admin
		h.GrantedSession, h.GrantedCache = int64(v.granted.SessionLease), int64(v.granted.CacheLease)
		for _, q := range v.Quotas() {
			s.sum += hashQuota(&q)
			h.Quotas = append(h.Quotas, call.QuotaToWire(q))
		}
		h.AgePassed, h.AgeUpto = int64(v.age.Passed), int64(v.age.Upto)
	}
	s.put(&wire.SnapElement{Element: &wire.SnapElement_Head{Head: h}})
}

func (s *snapshot) session(x *session) bool {
	s.sum += x.hash()
	ok := s.put(&wire.SnapElement{Element: &wire.SnapElement_Session{Session: &wire.SnapSession{
		Id: uint64(x.id), KeyHash: x.keyHash[:], Identity: x.identity, Principal: x.principal, Address: x.address,
		Created: x.created, Caching: x.caching, Ended: x.ended, Why: x.why, LastCall: x.lastCall, Acked: x.acked,
		Rest: x.rest,
	}}})
	for _, a := range x.answers {
		s.sum += a.hash(x.id)
		ok = s.put(&wire.SnapElement{Element: &wire.SnapElement_Record{Record: &wire.SnapRecord{
			Call: a.call, Result: call.ResultToWire(a.result),
		}}})
	}
	return ok
}

func (s *snapshot) node(n *node) bool {
	s.sum += n.found()
	x := n.extras()
	w := s.element.GetNode()
	w.Name, w.Contents, w.Instance, w.ContentGeneration = string(n.name), n.contents, n.instance, n.contentGeneration
	w.AclGeneration, w.ChildrenGeneration, w.Checksum = x.aclGeneration, x.childrenGeneration, n.checksum
	w.Children, w.Owner, w.Sequence, w.LockGeneration = uint64(x.children), uint64(x.owner), x.sequence, x.lockGeneration
	w.Created, w.Modified, w.Zxid, w.History = n.created, n.modified, uint64(n.zxid), x.past.toWire()
	w.Container, w.Ttl, w.Aged = x.lasting.Container, x.lasting.TTL, int64(x.aged)
	w.Acl = nil
	if x.acl != nil {
		w.Acl = call.ACLToWire(*x.acl)
	}
	return s.put(&s.element)
}

func (s *snapshot) lock(l *lock) bool {
	ok := s.put(&wire.SnapElement{Element: &wire.SnapElement_Lock{Lock: &wire.SnapLock{
		Name: string(l.name), Instance: l.instance,
	}}})
	for _, h := range l.holders {
		s.hold(l, h)
	}
	for _, h := range l.queue {
		s.hold(l, h)
	}
	for _, d := range l.delays {
		s.sum += d.hash(l)
		ok = s.put(&wire.SnapElement{Element: &wire.SnapElement_Delay{Delay: &wire.SnapDelay{
			Token: d.token, Length: int64(d.length), Shared: d.shared,
		}}})
	}
	return ok && s.err == nil
}

func (s *snapshot) hold(l *lock, h *hold) {
	s.sum += h.hash(l)
	s.put(&wire.SnapElement{Element: &wire.SnapElement_Hold{Hold: &wire.SnapHold{
		Hold: h.number, Session: uint64(h.session), Call: h.call, Mode: uint32(h.mode), Token: h.token, Delay: h.delay,
		Margin: h.margin, Note: h.note, Asked: h.asked, Granted: h.granted,
		MaxHold: h.maxHold, Loss: call.LossToWire(h.loss),
	}}})
}
