package zab

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/replica/record"
)

// The wire forms of what opens a link and finds a leader.

func markToWire(m record.Mark) *wire.PeerMark {
	if m == (record.Mark{}) {
		return nil
	}
	return &wire.PeerMark{Index: m.Index, Zxid: uint64(m.Zxid)}
}

func markFromWire(w *wire.PeerMark) record.Mark {
	return record.Mark{Index: w.GetIndex(), Zxid: cell.Zxid(w.GetZxid())}
}

func greetingToWire(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *Hello:
		w := &wire.PeerHello{Id: uint32(m.ID), Incarnation: uint64(m.Incarnation), Boot: m.Boot,
			Standing: uint32(m.Standing), Begun: m.Begun, Last: markToWire(m.Last), Current: uint32(m.Current), Format: m.Format}
		for _, n := range m.Heard {
			w.Heard = append(w.Heard, &wire.PeerName{Id: uint32(n.ID), Incarnation: uint64(n.Incarnation)})
		}
		return frameHello, w
	case *Welcome:
		return frameWelcome, &wire.PeerWelcome{}
	case *Refused:
		return frameRefused, &wire.PeerRefused{Why: m.Why}
	case *Status:
		return frameStatus, &wire.PeerStatus{Role: uint32(m.Role), Abstain: m.Abstain, Leader: uint32(m.Leader),
			Epoch: uint32(m.Epoch), Current: uint32(m.Current), Last: markToWire(m.Last)}
	case *FollowerInfo:
		w := &wire.PeerFollowerInfo{Ask: m.Ask, Accepted: uint32(m.Accepted), Current: uint32(m.Current),
			Last: markToWire(m.Last), Snapshot: markToWire(m.Snapshot)}
		for _, e := range m.Epochs {
			w.Epochs = append(w.Epochs, &wire.PeerEpochEnd{Epoch: uint32(e.Epoch), Last: markToWire(e.Last)})
		}
		return frameFollowerInfo, w
	}
	panic(fmt.Sprintf("invariant broken: %T is no greeting", m))
}

func readHello(b []byte) (Message, error) {
	var w wire.PeerHello
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	if w.Standing > uint32(record.Learner) {
		return nil, fmt.Errorf("hello with the unknown standing %d", w.Standing)
	}
	m := &Hello{ID: cell.ReplicaID(w.Id), Incarnation: cell.Incarnation(w.Incarnation), Boot: w.Boot,
		Standing: record.Standing(w.Standing), Begun: w.Begun, Last: markFromWire(w.Last), Current: cell.Epoch(w.Current),
		Format: w.Format}
	for _, n := range w.Heard {
		m.Heard = append(m.Heard, Name{cell.ReplicaID(n.Id), cell.Incarnation(n.Incarnation)})
	}
	return m, nil
}

func readWelcome(b []byte) (Message, error) {
	return &Welcome{}, wire.Unmarshal(b, &wire.PeerWelcome{})
}

func readRefused(b []byte) (Message, error) {
	var w wire.PeerRefused
	err := wire.Unmarshal(b, &w)
	return &Refused{Why: w.Why}, err
}

func readStatus(b []byte) (Message, error) {
	var w wire.PeerStatus
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	if w.Role > uint32(RoleLeading) {
		return nil, fmt.Errorf("status with the unknown role %d", w.Role)
	}
	return &Status{Role: Role(w.Role), Abstain: w.Abstain, Leader: cell.ReplicaID(w.Leader), Epoch: cell.Epoch(w.Epoch),
		Current: cell.Epoch(w.Current), Last: markFromWire(w.Last)}, nil
}

func readFollowerInfo(b []byte) (Message, error) {
	var w wire.PeerFollowerInfo
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &FollowerInfo{Ask: w.Ask, Accepted: cell.Epoch(w.Accepted), Current: cell.Epoch(w.Current),
		Last: markFromWire(w.Last), Snapshot: markFromWire(w.Snapshot)}
	for _, e := range w.Epochs {
		m.Epochs = append(m.Epochs, record.EpochEnd{Epoch: cell.Epoch(e.Epoch), Last: markFromWire(e.Last)})
	}
	return m, nil
}
