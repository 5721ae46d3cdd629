package zab

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Decode is the message in a frame. It is complete and holds no field we do not know; Invalid
// says whether it makes sense. Payloads may share body. Errors wrap cell.ErrProtocol.
func Decode(kind uint8, body []byte) (Message, error) {
	if kind == kindEntries {
		return decodeEntries(body)
	}
	if m, ok := decodeDirect(kind, body); ok {
		return m, nil
	}
	if int(kind) >= len(blanks) || blanks[kind] == nil {
		return nil, fmt.Errorf("%w: message of the unknown type %d", cell.ErrProtocol, kind)
	}
	w := blanks[kind]()
	if err := wire.Unmarshal(body, w); err != nil {
		return nil, fmt.Errorf("%w: message of type %d: %w", cell.ErrProtocol, kind, err)
	}
	return domain(w), nil
}

// blanks makes an empty wire form for each type of message.
var blanks = [...]func() proto.Message{
	kindHello:           func() proto.Message { return &wire.PeerHello{} },
	kindWelcome:         func() proto.Message { return &wire.PeerWelcome{} },
	kindRefused:         func() proto.Message { return &wire.PeerRefused{} },
	kindStatus:          func() proto.Message { return &wire.PeerStatus{} },
	kindFollowerInfo:    func() proto.Message { return &wire.PeerFollowerInfo{} },
	kindNewEpoch:        func() proto.Message { return &wire.PeerNewEpoch{} },
	kindAckEpoch:        func() proto.Message { return &wire.PeerAckEpoch{} },
	kindPing:            func() proto.Message { return &wire.PeerPing{} },
	kindPong:            func() proto.Message { return &wire.PeerPong{} },
	kindRelease:         func() proto.Message { return &wire.PeerRelease{} },
	kindDiff:            func() proto.Message { return &wire.PeerDiff{} },
	kindSnap:            func() proto.Message { return &wire.PeerSnap{} },
	kindSnapshotDurable: func() proto.Message { return &wire.PeerSnapshotDurable{} },
	kindNewLeader:       func() proto.Message { return &wire.PeerNewLeader{} },
	kindAckNewLeader:    func() proto.Message { return &wire.PeerAckNewLeader{} },
	kindUpToDate:        func() proto.Message { return &wire.PeerUpToDate{} },
	kindProgress:        func() proto.Message { return &wire.PeerProgress{} },
	kindAck:             func() proto.Message { return &wire.PeerAck{} },
	kindCommit:          func() proto.Message { return &wire.PeerCommit{} },
}

func domain(w proto.Message) Message {
	switch w := w.(type) {
	case *wire.PeerAck:
		return &Ack{cell.Epoch(w.Epoch), w.Index, w.At, w.Digest}
	case *wire.PeerCommit:
		return &Commit{cell.Epoch(w.Epoch), w.Index}
	case *wire.PeerPing:
		return &Ping{cell.Epoch(w.Epoch), w.Number, lease.Duration(w.Length)}
	case *wire.PeerPong:
		return &Pong{cell.Epoch(w.Epoch), w.Number, w.Promised, w.Free, w.Settled}
	case *wire.PeerProgress:
		return &Progress{cell.Epoch(w.Epoch), w.Index}
	case *wire.PeerHello:
		return domainHello(w)
	case *wire.PeerWelcome:
		return &Welcome{}
	case *wire.PeerRefused:
		return &Refused{w.Why, w.Copied, w.Removed}
	case *wire.PeerStatus:
		return &Status{
			Role: Role(min(w.Role, 255)), Abstain: w.Abstain, Leader: cell.ReplicaID(w.Leader), Epoch: cell.Epoch(w.Epoch),
			Current: cell.Epoch(w.Current), Last: mark(w.Last),
		}
	case *wire.PeerFollowerInfo:
		return domainInfo(w)
	}
	return domainOpening(w)
}

func domainOpening(w proto.Message) Message {
	switch w := w.(type) {
	case *wire.PeerNewEpoch:
		return &NewEpoch{w.Ask, cell.Epoch(w.Epoch)}
	case *wire.PeerAckEpoch:
		return &AckEpoch{cell.Epoch(w.Epoch), cell.Epoch(w.Current), mark(w.Last)}
	case *wire.PeerRelease:
		return &Release{cell.Epoch(w.Epoch), cell.ReplicaID(w.Heir)}
	case *wire.PeerDiff:
		return &Diff{cell.Epoch(w.Epoch), mark(w.After)}
	case *wire.PeerSnap:
		return &Snap{cell.Epoch(w.Epoch), w.Attempt}
	case *wire.PeerSnapshotDurable:
		return &SnapshotDurable{cell.Epoch(w.Epoch), w.Attempt, mark(w.Mark)}
	case *wire.PeerNewLeader:
		return &NewLeader{cell.Epoch(w.Epoch), mark(w.Last)}
	case *wire.PeerAckNewLeader:
		return &AckNewLeader{cell.Epoch(w.Epoch), mark(w.Last)}
	case *wire.PeerUpToDate:
		return &UpToDate{cell.Epoch(w.Epoch), w.Commit}
	}
	cell.Assert(false, "a blank without a domain type: %T", w)
	return nil
}

func mark(w *wire.PeerMark) record.Mark {
	return record.Mark{Index: w.GetIndex(), Zxid: cell.Zxid(w.GetZxid())}
}

func domainHello(w *wire.PeerHello) *Hello {
	m := &Hello{
		ID: cell.ReplicaID(w.Id), Incarnation: cell.Incarnation(w.Incarnation), Boot: w.Boot,
		Standing: record.Standing(min(w.Standing, 255)), Begun: w.Begun, Last: mark(w.Last),
		Current: cell.Epoch(w.Current), Format: w.Format, List: w.List,
		Admitted: w.Admitted, Promised: w.Promised, Quarantined: w.Quarantined,
	}
	for _, n := range w.Heard {
		m.Heard = append(m.Heard, Name{cell.ReplicaID(n.Id), cell.Incarnation(n.Incarnation)})
	}
	return m
}

func domainInfo(w *wire.PeerFollowerInfo) *FollowerInfo {
	m := &FollowerInfo{
		Ask: w.Ask, Accepted: cell.Epoch(w.Accepted), From: cell.ReplicaID(w.From), Current: cell.Epoch(w.Current),
		Last: mark(w.Last), Snapshot: mark(w.Snapshot), Anew: w.Anew,
	}
	for _, e := range w.Epochs {
		m.Epochs = append(m.Epochs, record.EpochEnd{Epoch: cell.Epoch(e.Epoch), Last: mark(e.Last)})
	}
	return m
}
