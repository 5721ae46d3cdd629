package zab

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// The types of frame between replicas. The numbers are part of the format.
const (
	frameHello uint8 = 1 + iota
	frameWelcome
	frameRefused
	frameStatus
	frameFollowerInfo
	frameNewEpoch
	frameAckEpoch
	framePing
	framePong
	frameRelease
	frameDiff
	frameSnap
	frameSnapshotDurable
	frameEntries
	frameNewLeader
	frameAckNewLeader
	frameUpToDate
	frameProgress
	frameAck
	frameCommit
)

// Wire gives a message's frame type and its wire form, for who encodes in place. Payloads are
// shared with m.
func Wire(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *Entries:
		return frameEntries, entriesToWire(m)
	case *Ack:
		return frameAck, &wire.PeerAck{Epoch: uint32(m.Epoch), Index: m.Index}
	case *Commit:
		return frameCommit, &wire.PeerCommit{Epoch: uint32(m.Epoch), Index: m.Index}
	case *Ping:
		return framePing, &wire.PeerPing{Epoch: uint32(m.Epoch), Number: m.Number, Length: int64(m.Length)}
	case *Pong:
		return framePong, &wire.PeerPong{Epoch: uint32(m.Epoch), Number: m.Number, Promised: m.Promised, Free: m.Free}
	case *Hello, *Welcome, *Refused, *Status, *FollowerInfo:
		return greetingToWire(m)
	default:
		return syncToWire(m)
	}
}

// Encode gives a message's frame type and body. The body is fresh.
func Encode(m Message) (uint8, []byte) {
	kind, w := Wire(m)
	body, err := proto.Marshal(w)
	cell.Assert(err == nil, "our own %T does not encode", m)
	return kind, body
}

// Decode reads a frame that came from another replica: strict, and asked whether it is
// nonsense. Errors wrap ErrProtocol. Payloads are the message's own.
func Decode(kind uint8, body []byte) (Message, error) {
	read, ok := readers[kind]
	if !ok {
		return nil, fmt.Errorf("%w: unknown frame type %d between replicas", cell.ErrProtocol, kind)
	}
	m, err := read(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", cell.ErrProtocol, err)
	}
	if why := m.Invalid(); why != "" {
		return nil, fmt.Errorf("%w: %s", cell.ErrProtocol, why)
	}
	return m, nil
}

var readers = map[uint8]func([]byte) (Message, error){
	frameHello: readHello, frameWelcome: readWelcome, frameRefused: readRefused, frameStatus: readStatus,
	frameFollowerInfo: readFollowerInfo, frameNewEpoch: readNewEpoch, frameAckEpoch: readAckEpoch,
	framePing: readPing, framePong: readPong, frameRelease: readRelease, frameDiff: readDiff, frameSnap: readSnap,
	frameSnapshotDurable: readSnapshotDurable, frameEntries: readEntries, frameNewLeader: readNewLeader,
	frameAckNewLeader: readAckNewLeader, frameUpToDate: readUpToDate, frameProgress: readProgress,
	frameAck: readAck, frameCommit: readCommit,
}
