package zab

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// The wire forms of discovery, synchronization and broadcast.

func syncToWire(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *NewEpoch:
		return frameNewEpoch, &wire.PeerNewEpoch{Ask: m.Ask, Epoch: uint32(m.Epoch)}
	case *AckEpoch:
		return frameAckEpoch, &wire.PeerAckEpoch{Epoch: uint32(m.Epoch), Current: uint32(m.Current), Last: markToWire(m.Last)}
	case *Release:
		return frameRelease, &wire.PeerRelease{Epoch: uint32(m.Epoch)}
	case *Diff:
		return frameDiff, &wire.PeerDiff{Epoch: uint32(m.Epoch), After: markToWire(m.After)}
	case *Snap:
		return frameSnap, &wire.PeerSnap{Epoch: uint32(m.Epoch), Attempt: m.Attempt}
	case *SnapshotDurable:
		return frameSnapshotDurable, &wire.PeerSnapshotDurable{Epoch: uint32(m.Epoch), Attempt: m.Attempt, Mark: markToWire(m.Mark)}
	case *NewLeader:
		return frameNewLeader, &wire.PeerNewLeader{Epoch: uint32(m.Epoch), Last: markToWire(m.Last)}
	case *AckNewLeader:
		return frameAckNewLeader, &wire.PeerAckNewLeader{Epoch: uint32(m.Epoch), Last: markToWire(m.Last)}
	case *UpToDate:
		return frameUpToDate, &wire.PeerUpToDate{Epoch: uint32(m.Epoch), Commit: m.Commit}
	case *Progress:
		return frameProgress, &wire.PeerProgress{Epoch: uint32(m.Epoch), Index: m.Index}
	}
	panic(fmt.Sprintf("invariant broken: message %T has no wire form", m))
}

func entriesToWire(m *Entries) *wire.PeerEntries {
	w := &wire.PeerEntries{Epoch: uint32(m.Epoch), Prev: markToWire(m.Prev), Commit: m.Commit,
		Records: make([]*wire.PeerRecord, len(m.Records))}
	all := make([]wire.PeerRecord, len(m.Records))
	for i := range m.Records {
		r, x := &m.Records[i], &all[i]
		x.Zxid, x.Kind, x.Sum, x.Payload = uint64(r.Zxid), uint32(r.Kind), r.Sum, r.Payload
		w.Records[i] = x
	}
	return w
}

func readEntries(b []byte) (Message, error) {
	var w wire.PeerEntries
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &Entries{Epoch: cell.Epoch(w.Epoch), Prev: markFromWire(w.Prev), Commit: w.Commit,
		Records: make([]record.Record, len(w.Records))}
	for i, x := range w.Records {
		if x.Kind != uint32(record.Normal) && x.Kind != uint32(record.Members) {
			return nil, fmt.Errorf("an entry of the unknown kind %d", x.Kind)
		}
		m.Records[i] = record.Record{Index: m.Prev.Index + 1 + uint64(i), Zxid: cell.Zxid(x.Zxid), Kind: record.Kind(x.Kind),
			Sum: x.Sum, Payload: x.Payload}
	}
	return m, nil
}

func readNewEpoch(b []byte) (Message, error) {
	var w wire.PeerNewEpoch
	err := wire.Unmarshal(b, &w)
	return &NewEpoch{Ask: w.Ask, Epoch: cell.Epoch(w.Epoch)}, err
}

func readAckEpoch(b []byte) (Message, error) {
	var w wire.PeerAckEpoch
	err := wire.Unmarshal(b, &w)
	return &AckEpoch{Epoch: cell.Epoch(w.Epoch), Current: cell.Epoch(w.Current), Last: markFromWire(w.Last)}, err
}

func readPing(b []byte) (Message, error) {
	var w wire.PeerPing
	err := wire.Unmarshal(b, &w)
	return &Ping{Epoch: cell.Epoch(w.Epoch), Number: w.Number, Length: lease.Duration(w.Length)}, err
}

func readPong(b []byte) (Message, error) {
	var w wire.PeerPong
	err := wire.Unmarshal(b, &w)
	return &Pong{Epoch: cell.Epoch(w.Epoch), Number: w.Number, Promised: w.Promised, Free: w.Free}, err
}

func readRelease(b []byte) (Message, error) {
	var w wire.PeerRelease
	err := wire.Unmarshal(b, &w)
	return &Release{Epoch: cell.Epoch(w.Epoch)}, err
}

func readDiff(b []byte) (Message, error) {
	var w wire.PeerDiff
	err := wire.Unmarshal(b, &w)
	return &Diff{Epoch: cell.Epoch(w.Epoch), After: markFromWire(w.After)}, err
}

func readSnap(b []byte) (Message, error) {
	var w wire.PeerSnap
	err := wire.Unmarshal(b, &w)
	return &Snap{Epoch: cell.Epoch(w.Epoch), Attempt: w.Attempt}, err
}

func readSnapshotDurable(b []byte) (Message, error) {
	var w wire.PeerSnapshotDurable
	err := wire.Unmarshal(b, &w)
	return &SnapshotDurable{Epoch: cell.Epoch(w.Epoch), Attempt: w.Attempt, Mark: markFromWire(w.Mark)}, err
}

func readNewLeader(b []byte) (Message, error) {
	var w wire.PeerNewLeader
	err := wire.Unmarshal(b, &w)
	return &NewLeader{Epoch: cell.Epoch(w.Epoch), Last: markFromWire(w.Last)}, err
}

func readAckNewLeader(b []byte) (Message, error) {
	var w wire.PeerAckNewLeader
	err := wire.Unmarshal(b, &w)
	return &AckNewLeader{Epoch: cell.Epoch(w.Epoch), Last: markFromWire(w.Last)}, err
}

func readUpToDate(b []byte) (Message, error) {
	var w wire.PeerUpToDate
	err := wire.Unmarshal(b, &w)
	return &UpToDate{Epoch: cell.Epoch(w.Epoch), Commit: w.Commit}, err
}

func readProgress(b []byte) (Message, error) {
	var w wire.PeerProgress
	err := wire.Unmarshal(b, &w)
	return &Progress{Epoch: cell.Epoch(w.Epoch), Index: w.Index}, err
}

func readAck(b []byte) (Message, error) {
	var w wire.PeerAck
	err := wire.Unmarshal(b, &w)
	return &Ack{Epoch: cell.Epoch(w.Epoch), Index: w.Index}, err
}

func readCommit(b []byte) (Message, error) {
	var w wire.PeerCommit
	err := wire.Unmarshal(b, &w)
	return &Commit{Epoch: cell.Epoch(w.Epoch), Index: w.Index}, err
}
