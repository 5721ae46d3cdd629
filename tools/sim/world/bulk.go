package world

import (
	"encoding/binary"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// bulk carries snapshots between machines, on links of their own. An attempt ends with its own
// link or with the protocol link that it belongs to; what was received by then is forgotten.
type bulk struct {
	life    *life
	sending []*sending
	queued  []zab.SendSnapshot // that wait for a snapshot to be made
	coming  map[uint64]*coming // by bulk link
}

type sending struct {
	op   zab.SendSnapshot
	to   Node
	link uint64 // 0 while dialing
	shot Snapshot
}

type coming struct {
	attempt uint64
	mark    record.Mark
	raw     []byte
}

// The frames of a bulk link.
const (
	bulkHead uint8 = iota + 1
	bulkPart
	bulkEnd
	bulkGot // the other way: it is here
)

const bulkPartBytes = 512

// offer begins to send the newest snapshot; one is asked for when that is too old, or there is none.
func (b *bulk) offer(op zab.SendSnapshot) {
	l := b.life
	shot, err := l.m.disk.Newest()
	if err != nil || shot.Mark.Index < op.Least {
		b.queued = append(b.queued, op)
		l.push(replica.WantSnapshot{})
		return
	}
	s := &sending{op: op, to: l.peerOn(op.Link, op.To), shot: shot}
	b.sending = append(b.sending, s)
	l.push(zab.SnapshotOffered{To: op.To, Attempt: op.Attempt, Mark: shot.Mark})
	l.m.cell.network.Dial(l.m.node, s.to, Bulk, op.Attempt)
}

func (b *bulk) sendQueued() {
	queued := b.queued
	b.queued = nil
	for _, op := range queued {
		b.offer(op)
	}
}

func (b *bulk) deliver(d Delivery) {
	switch d.What {
	case Up:
		b.up(d)
	case Frame:
		b.frame(d)
	default:
		b.gone(d)
	}
}

// up streams what waits for this link; at the accepting end there is nothing to stream.
func (b *bulk) up(d Delivery) {
	net, me := b.life.m.cell.network, b.life.m.node
	for _, s := range b.sending {
		if s.to != d.Peer || s.link != 0 || s.op.Attempt != d.Tag {
			continue
		}
		s.link = d.Link
		head := binary.LittleEndian.AppendUint64(nil, s.op.Attempt)
		head = binary.LittleEndian.AppendUint64(head, s.shot.Mark.Index)
		head = binary.LittleEndian.AppendUint64(head, uint64(s.shot.Mark.Zxid))
		_ = net.Send(me, d.Link, bulkHead, head) // a link that is gone says so
		for raw := s.shot.Raw; len(raw) > 0; raw = raw[min(len(raw), bulkPartBytes):] {
			_ = net.Send(me, d.Link, bulkPart, raw[:min(len(raw), bulkPartBytes)])
		}
		_ = net.Send(me, d.Link, bulkEnd, nil)
		return
	}
}

func (b *bulk) frame(d Delivery) {
	if b.coming == nil {
		b.coming = map[uint64]*coming{}
	}
	switch d.Type {
	case bulkHead:
		le := binary.LittleEndian
		b.coming[d.Link] = &coming{attempt: le.Uint64(d.Body), mark: record.Mark{
			Index: le.Uint64(d.Body[8:]), Zxid: cell.Zxid(le.Uint64(d.Body[16:]))}}
	case bulkPart:
		c := b.coming[d.Link]
		c.raw = append(c.raw, d.Body...)
	case bulkEnd:
		b.received(d)
	case bulkGot:
		b.sent(d)
	}
}

func (b *bulk) sent(d Delivery) {
	for i, s := range b.sending {
		if s.link == d.Link {
			b.sending = append(b.sending[:i:i], b.sending[i+1:]...)
			b.life.m.cell.network.Close(b.life.m.node, d.Link)
			return
		}
	}
}

// received keeps a whole snapshot beside the directory's own, durably, and says so.
func (b *bulk) received(d Delivery) {
	l, c := b.life, b.coming[d.Link]
	delete(b.coming, d.Link)
	_ = l.m.cell.network.Send(l.m.node, d.Link, bulkGot, nil)
	l.loop().After(l.loop().Skewed(Millisecond, 100*Millisecond), l.alive(func() {
		l.m.disk.Receive(c.mark, c.raw)
		l.push(zab.SnapshotReceived{From: l.m.cell.idAt(d.Peer), Attempt: c.attempt, Mark: c.mark,
			Members: l.brain.members(c.raw)})
	}))
}

// gone ends the attempt whose bulk link is gone or was refused (link 0).
func (b *bulk) gone(d Delivery) {
	delete(b.coming, d.Link)
	for i, s := range b.sending {
		if s.to == d.Peer && s.link == d.Link && s.op.Attempt == d.Tag {
			b.sending = append(b.sending[:i:i], b.sending[i+1:]...)
			b.life.push(zab.SnapshotFailed{To: s.op.To, Attempt: s.op.Attempt})
			return
		}
	}
}

// linkDown ends what belongs to a protocol link.
func (b *bulk) linkDown(peer Node, link uint64) {
	for i, s := range b.sending {
		if s.to == peer && s.op.Link == link {
			b.sending = append(b.sending[:i:i], b.sending[i+1:]...)
			if s.link != 0 {
				b.life.m.cell.network.Close(b.life.m.node, s.link)
			}
			return
		}
	}
}
