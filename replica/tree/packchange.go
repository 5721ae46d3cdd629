package tree

import (
	"encoding/binary"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// past is a Change as the history keeps it:
//
//	zxid 8 | kind 1 | checksum 8 | created 8 | modified after created | instance | Stat's zxid after it |
//	generations of contents, ACL, children | owner | size | children | length of the name | name |
//	contents, if they are not apart
type past []byte

// pastApart is what is not packed: large contents, which are shared with the tree, and what few changes have.
type pastApart struct {
	contents []byte // nil: they are packed
	more     *pastMore
}

type pastMore struct {
	ttl       int64
	container bool
	acl, was  *cell.ACL
}

// pack gives a change's bytes, and what is apart from them.
func (c *Change) pack(b []byte) (past, pastApart) {
	s := &c.Stat
	created := s.Created.UnixNano()
	b = binary.LittleEndian.AppendUint64(b, uint64(c.Zxid))
	b = append(b, byte(c.Kind))
	b = binary.LittleEndian.AppendUint64(b, s.Checksum)
	b = binary.LittleEndian.AppendUint64(b, uint64(created))
	b = binary.AppendVarint(b, s.Modified.UnixNano()-created)
	for _, n := range [...]uint64{s.Instance, uint64(s.Zxid) - s.Instance, s.ContentGeneration, s.ACLGeneration,
		s.ChildrenGeneration, uint64(s.EphemeralOwner), uint64(s.Size), uint64(s.Children), uint64(len(c.Name))} {
		b = binary.AppendUvarint(b, n)
	}
	b = append(b, c.Name...)
	x := c.apart()
	if x.contents == nil {
		b = append(b, c.Contents...)
	}
	return b, x
}

func (c *Change) apart() (x pastApart) {
	if len(c.Contents) > mostPacked {
		x.contents = c.Contents
	}
	if c.Stat.TTL != 0 || c.Stat.Container || c.ACL != nil || c.Was != nil {
		x.more = &pastMore{int64(c.Stat.TTL), c.Stat.Container, c.ACL, c.Was}
	}
	return x
}

func (p past) zxid() cell.Zxid { return cell.Zxid(binary.LittleEndian.Uint64(p)) }

// change is the Change again. Its contents are p's, or those that are apart.
func (p past) change(x *pastApart) (c Change) {
	c.Zxid, c.Kind = p.zxid(), call.EventKind(p[8])
	s, b := &c.Stat, p[9:]
	s.Checksum = binary.LittleEndian.Uint64(b)
	created := int64(binary.LittleEndian.Uint64(b[8:]))
	since, w := binary.Varint(b[16:])
	s.Created, s.Modified = cell.Wall(created), cell.Wall(created+since)
	b = b[16+w:]
	var n [9]uint64
	for i := range n {
		n[i], b = cutNumber(b)
	}
	s.Instance, s.Zxid, s.ContentGeneration = n[0], cell.Zxid(n[0]+n[1]), n[2]
	s.ACLGeneration, s.ChildrenGeneration, s.EphemeralOwner = n[3], n[4], cell.SessionID(n[5])
	s.Size, s.Children = int(n[6]), int(n[7])
	c.Name = cell.Name(b[:n[8]])
	s.Name = c.Name
	if b = b[n[8]:]; len(b) > 0 {
		c.Contents = b[:len(b):len(b)]
	}
	if x != nil {
		x.addTo(&c)
	}
	return c
}

func (x *pastApart) addTo(c *Change) {
	if x.contents != nil {
		c.Contents = x.contents
	}
	if m := x.more; m != nil {
		c.Stat.TTL, c.Stat.Container, c.ACL, c.Was = cell.Span(m.ttl), m.container, m.acl, m.was
	}
}
