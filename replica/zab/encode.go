package zab

import (
	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/replica/record"
)

// The types of the frames in which messages travel. They are part of the format: never reuse one.
const (
	kindHello uint8 = 1 + iota
	kindWelcome
	kindRefused
	kindStatus
	kindFollowerInfo
	kindNewEpoch
	kindAckEpoch
	kindPing
	kindPong
	kindRelease
	kindDiff
	kindSnap
	kindSnapshotDurable
	kindEntries
	kindNewLeader
	kindAckNewLeader
	kindUpToDate
	kindProgress
	kindAck
	kindCommit

	// KindLast is the highest frame type that EncodeTo gives.
	KindLast = kindCommit
)

// toWire is m as a frame's type and its protobuf message; Entries have none.
func toWire(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *Ack:
		return kindAck, &wire.PeerAck{Epoch: uint32(m.Epoch), Index: m.Index, At: m.At, Digest: m.Digest}
	case *Commit:
		return kindCommit, &wire.PeerCommit{Epoch: uint32(m.Epoch), Index: m.Index}
	case *Ping:
		return kindPing, &wire.PeerPing{Epoch: uint32(m.Epoch), Number: m.Number, Length: int64(m.Length)}
	case *Pong:
		return kindPong, &wire.PeerPong{Epoch: uint32(m.Epoch), Number: m.Number, Promised: m.Promised, Free: m.Free,
			Settled: m.Settled}
	case *Progress:
		return kindProgress, &wire.PeerProgress{Epoch: uint32(m.Epoch), Index: m.Index}
	case *Hello:
		return kindHello, wireHello(m)
	case *Welcome:
		return kindWelcome, &wire.PeerWelcome{}
	case *Refused:
		return kindRefused, &wire.PeerRefused{Why: m.Why, Copied: m.Copied, Removed: m.Removed}
	case *Status:
		return kindStatus, &wire.PeerStatus{
			Role: uint32(m.Role), Abstain: m.Abstain, Leader: uint32(m.Leader), Epoch: uint32(m.Epoch),
			Current: uint32(m.Current), Last: wireMark(m.Last),
		}
	}
	return wireOpening(m)
}

// wireOpening is Wire for what opens an epoch and begins a stream.
func wireOpening(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *FollowerInfo:
		return kindFollowerInfo, wireInfo(m)
	case *NewEpoch:
		return kindNewEpoch, &wire.PeerNewEpoch{Ask: m.Ask, Epoch: uint32(m.Epoch)}
	case *AckEpoch:
		return kindAckEpoch, &wire.PeerAckEpoch{Epoch: uint32(m.Epoch), Current: uint32(m.Current), Last: wireMark(m.Last)}
	case *Release:
		return kindRelease, &wire.PeerRelease{Epoch: uint32(m.Epoch), Heir: uint32(m.Heir)}
	case *Diff:
		return kindDiff, &wire.PeerDiff{Epoch: uint32(m.Epoch), After: wireMark(m.After)}
	case *Snap:
		return kindSnap, &wire.PeerSnap{Epoch: uint32(m.Epoch), Attempt: m.Attempt}
	case *SnapshotDurable:
		return kindSnapshotDurable,
			&wire.PeerSnapshotDurable{Epoch: uint32(m.Epoch), Attempt: m.Attempt, Mark: wireMark(m.Mark)}
	case *NewLeader:
		return kindNewLeader, &wire.PeerNewLeader{Epoch: uint32(m.Epoch), Last: wireMark(m.Last)}
	case *AckNewLeader:
		return kindAckNewLeader, &wire.PeerAckNewLeader{Epoch: uint32(m.Epoch), Last: wireMark(m.Last)}
	case *UpToDate:
		return kindUpToDate, &wire.PeerUpToDate{Epoch: uint32(m.Epoch), Commit: m.Commit}
	}
	cell.Assert(false, "a message that has no wire form: %T", m)
	return 0, nil
}

// EncodeTo appends m's body to b and gives the type of its frame.
func EncodeTo(b []byte, m Message) (kind uint8, out []byte) {
	if kind, out, ok := appendDirect(b, m); ok {
		return kind, out
	}
	kind, w := toWire(m)
	out, err := proto.MarshalOptions{}.MarshalAppend(b, w)
	cell.Assert(err == nil, "a message that cannot be encoded: %T", m)
	return kind, out
}

// Encode is EncodeTo nothing: the body is fresh.
func Encode(m Message) (kind uint8, body []byte) { return EncodeTo(nil, m) }

func wireMark(m record.Mark) *wire.PeerMark {
	if m == (record.Mark{}) {
		return nil
	}
	return &wire.PeerMark{Index: m.Index, Zxid: uint64(m.Zxid)}
}

func wireHello(m *Hello) *wire.PeerHello {
	w := &wire.PeerHello{
		Id: uint32(m.ID), Incarnation: uint64(m.Incarnation), Boot: m.Boot, Standing: uint32(m.Standing), Begun: m.Begun,
		Last: wireMark(m.Last), Current: uint32(m.Current), Format: m.Format, List: m.List,
		Admitted: m.Admitted, Promised: m.Promised, Quarantined: m.Quarantined,
	}
	for _, n := range m.Heard {
		w.Heard = append(w.Heard, &wire.PeerName{Id: uint32(n.ID), Incarnation: uint64(n.Incarnation)})
	}
	return w
}

func wireInfo(m *FollowerInfo) *wire.PeerFollowerInfo {
	w := &wire.PeerFollowerInfo{
		Ask: m.Ask, Accepted: uint32(m.Accepted), From: uint32(m.From), Current: uint32(m.Current),
		Last: wireMark(m.Last), Snapshot: wireMark(m.Snapshot), Anew: m.Anew,
	}
	for _, e := range m.Epochs {
		w.Epochs = append(w.Epochs, &wire.PeerEpochEnd{Epoch: uint32(e.Epoch), Last: wireMark(e.Last)})
	}
	return w
}
