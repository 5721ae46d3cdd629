package call

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// The wire forms of what runs on a session's stream beside calls and queries.

func streamToWire(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *KeepAlive:
		return typeKeepAlive, &wire.KeepAlive{Number: m.Number, Epoch: uint32(m.Epoch), Stream: m.Stream,
			Acked: m.Acked, Flushed: m.Flushed}
	case *KeepAliveReply:
		return typeKeepAliveReply, &wire.KeepAliveReply{Number: m.Number, Epoch: uint32(m.Epoch), Stream: m.Stream,
			Parked: m.Parked, Session: m.Session, Cache: m.Cache, Incarnation: m.Incarnation}
	case *Invalidate:
		return typeInvalidate, &wire.Invalidate{Epoch: uint32(m.Epoch), Stream: m.Stream, Seq: m.Seq,
			Names: namesToWire(m.Names), Everything: m.Everything}
	case *Flushed:
		return typeFlushed, &wire.Flushed{Epoch: uint32(m.Epoch), Stream: m.Stream, Seq: m.Seq, Incarnation: m.Incarnation}
	case *Granted:
		return typeGranted, &wire.Granted{Epoch: uint32(m.Epoch), Stream: m.Stream, Hold: m.Hold,
			Sequencer: SequencerToWire(&m.Sequencer)}
	case *Dropped:
		return typeDropped, &wire.Dropped{Epoch: uint32(m.Epoch), Stream: m.Stream, Hold: m.Hold, Code: uint32(m.Code),
			Message: m.Message}
	case *Taken:
		return typeTaken, &wire.Taken{Epoch: uint32(m.Epoch), Stream: m.Stream, Hold: m.Hold, Loss: LossToWire(m.Loss)}
	case *Settings:
		return typeSettings, &wire.Settings{Epoch: uint32(m.Epoch), Stream: m.Stream,
			Lengths: LengthsToWire(m.Settings.Lengths), Limits: LimitsToWire(m.Settings.Limits)}
	case *Ended:
		return typeEnded, &wire.Ended{Session: uint64(m.Session), Why: m.Why}
	case *Events:
		w := &wire.Events{Epoch: uint32(m.Epoch), Stream: m.Stream, Watch: m.Watch}
		for _, e := range m.Events {
			w.Events = append(w.Events, &wire.Event{Kind: uint32(e.Kind), Name: string(e.Name), Zxid: uint64(e.Zxid),
				Stat: StatToWire(e.Stat), Contents: e.Contents})
		}
		return typeEvents, w
	}
	panic(fmt.Sprintf("invariant broken: message %T has no wire form", m))
}

func readKeepAlive(b []byte) (Message, error) {
	var w wire.KeepAlive
	err := wire.Unmarshal(b, &w)
	return &KeepAlive{Number: w.Number, Epoch: cell.Epoch(w.Epoch), Stream: w.Stream,
		Acked: w.Acked, Flushed: w.Flushed}, err
}

func readKeepAliveReply(b []byte) (Message, error) {
	var w wire.KeepAliveReply
	err := wire.Unmarshal(b, &w)
	return &KeepAliveReply{Number: w.Number, Epoch: cell.Epoch(w.Epoch), Stream: w.Stream, Parked: w.Parked,
		Session: w.Session, Cache: w.Cache, Incarnation: w.Incarnation}, err
}

func readInvalidate(b []byte) (Message, error) {
	var w wire.Invalidate
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	names, err := namesFromWire(w.Names)
	return &Invalidate{Epoch: cell.Epoch(w.Epoch), Stream: w.Stream, Seq: w.Seq, Names: names,
		Everything: w.Everything}, err
}

func readFlushed(b []byte) (Message, error) {
	var w wire.Flushed
	err := wire.Unmarshal(b, &w)
	return &Flushed{Epoch: cell.Epoch(w.Epoch), Stream: w.Stream, Seq: w.Seq, Incarnation: w.Incarnation}, err
}

func readGranted(b []byte) (Message, error) {
	var w wire.Granted
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	q, err := sequencer(w.Sequencer)
	return &Granted{Epoch: cell.Epoch(w.Epoch), Stream: w.Stream, Hold: w.Hold, Sequencer: q}, err
}

func readDropped(b []byte) (Message, error) {
	var w wire.Dropped
	err := wire.Unmarshal(b, &w)
	return &Dropped{Epoch: cell.Epoch(w.Epoch), Stream: w.Stream, Hold: w.Hold,
		Code: cell.Code(w.Code), Message: w.Message}, err
}

func readEnded(b []byte) (Message, error) {
	var w wire.Ended
	err := wire.Unmarshal(b, &w)
	return &Ended{Session: cell.SessionID(w.Session), Why: w.Why}, err
}

func readEvents(b []byte) (Message, error) {
	var w wire.Events
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &Events{Epoch: cell.Epoch(w.Epoch), Stream: w.Stream, Watch: w.Watch}
	for _, e := range w.Events {
		n, err := maybeName(e.Name)
		if err != nil {
			return nil, err
		}
		s, err := StatFromWire(e.Stat)
		if err != nil {
			return nil, err
		}
		m.Events = append(m.Events, Event{Kind: EventKind(e.Kind), Name: n, Zxid: cell.Zxid(e.Zxid),
			Stat: s, Contents: e.Contents})
	}
	return m, nil
}
