package world

import (
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica"
)

// client takes what the network brings from a client's link; its number is the stream's.
func (l *life) client(d Delivery) {
	switch d.What {
	case Down:
		l.push(replica.ClientGone{Stream: d.Link})
	case Frame:
		msg, err := call.Decode(d.Type, d.Body)
		if err != nil {
			l.m.cell.court.Fail("B1", "machine %d cannot read what user %d sent: %v", l.m.node, d.Peer, err)
			return
		}
		l.push(replica.FromClient{Stream: d.Link, Address: address(d.Peer),
			Principal: principalOf(d.Peer), Msg: msg})
	}
}

// closeClient ends a client's stream after what was sent on it.
func (l *life) closeClient(stream uint64) {
	l.m.cell.network.Close(l.m.node, stream)
	l.push(replica.ClientGone{Stream: stream})
}
