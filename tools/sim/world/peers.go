package world

import (
	"github.com/leasehold/leasehold/replica/zab"
)

// deliver takes what the network brings.
func (l *life) deliver(d Delivery) {
	switch {
	case d.Use == Client:
		l.client(d)
	case d.Use == Bulk:
		l.bulk.deliver(d)
	case d.What == Refused:
		l.redial(d.Peer)
	case d.What == Up:
		l.linkUp(d)
	case d.What == Down:
		l.linkDown(d.Peer, d.Link)
	default:
		l.frame(d)
	}
}

func (l *life) linkUp(d Delivery) {
	if old := l.links[d.Peer]; old > d.Link {
		l.m.cell.network.Close(l.m.node, d.Link) // overtaken by a newer one
		return
	}
	for _, m := range l.m.cell.machines { // one link with an id: of two who claim it, the newer counts
		if old := l.links[m.node]; m.node != d.Peer && m.id == l.m.cell.idAt(d.Peer) && old != 0 {
			l.m.cell.network.Close(l.m.node, old)
			l.linkDown(m.node, old)
		}
	}
	l.links[d.Peer] = d.Link
	l.push(zab.LinkUp{Peer: l.m.cell.idAt(d.Peer), Link: d.Link})
}

func (l *life) linkDown(peer Node, link uint64) {
	l.push(zab.LinkDown{Peer: l.m.cell.idAt(peer), Link: link})
	l.bulk.linkDown(peer, link)
	if l.links[peer] == link {
		l.links[peer] = 0
		l.redial(peer)
	}
}

func (l *life) frame(d Delivery) {
	msg, err := zab.Decode(d.Type, d.Body)
	if err != nil {
		l.m.cell.court.Fail("B1", "machine %d cannot read what machine %d sent: %v", l.m.node, d.Peer, err)
		return
	}
	l.push(zab.Received{From: l.m.cell.idAt(d.Peer), Link: d.Link, Msg: msg})
}

// send encodes what goes to a peer: nothing that one machine has in memory reaches another.
func (l *life) send(s zab.Send) {
	l.m.cell.count(s.Msg)
	l.m.cell.court.Said(int(l.m.node), s.Msg, l.m.disk.Durable())
	kind, body := zab.Encode(s.Msg)
	l.m.cell.sent(l.m.cell.network.Send(l.m.node, s.Link, kind, body))
}

// drop ends a link that the core does not want any more.
func (l *life) drop(d zab.DropLink) {
	peer := l.peerOn(d.Link, d.Peer)
	l.loop().Say("machine %d drops its link with %d: %s", l.m.node, peer, d.Why)
	l.m.cell.network.Close(l.m.node, d.Link)
	l.linkDown(peer, d.Link)
}

// dial asks for the protocol link with a peer; of two, the lower node dials.
func (l *life) dial(peer Node) { l.m.cell.network.Dial(l.m.node, peer, Protocol, 0) }

func (l *life) redial(peer Node) {
	if l.m.node < peer {
		l.loop().After(l.loop().Skewed(5*Millisecond, 200*Millisecond), l.alive(func() {
			if l.links[peer] == 0 {
				l.dial(peer)
			}
		}))
	}
}
