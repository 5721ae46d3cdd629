package call

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// The wire forms of the messages that open a stream.

func openingToWire(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *Hello:
		return typeHello, &wire.Hello{Format: m.Format, Cell: m.Cell}
	case *Welcome:
		return typeWelcome, &wire.Welcome{Format: m.Format, Cell: m.Cell, CellId: m.CellID[:], Replica: uint32(m.Replica)}
	case *Locate:
		return typeLocate, &wire.Locate{}
	case *Located:
		return typeLocated, locatedToWire(*m)
	case *Refused:
		return typeRefused, &wire.Refused{Code: uint32(m.Code), Message: m.Message, Epoch: uint32(m.Epoch),
			Located: locatedToWire(m.Located), RetryAfter: m.RetryAfter, Limit: limitToWire(m.Limit)}
	case *CreateSession:
		return typeCreateSession, &wire.CreateSession{Key: m.Key[:], Identity: m.Identity, Epoch: uint32(m.Epoch)}
	case *Created:
		return typeCreated, &wire.Created{Session: uint64(m.Session), Terms: termsToWire(m.Terms)}
	case *Attach:
		return typeAttach, &wire.Attach{Session: uint64(m.Session), Key: m.Key[:], Epoch: uint32(m.Epoch), Stream: m.Stream}
	case *Attached:
		w := &wire.Attached{Stream: m.Stream, Terms: termsToWire(m.Terms), More: m.More}
		for i := range m.Holds {
			w.Holds = append(w.Holds, HoldStateToWire(&m.Holds[i]))
		}
		return typeAttached, w
	case *Quit:
		return typeQuit, &wire.Quit{Session: uint64(m.Session), Key: m.Key[:], Holds: m.Holds}
	}
	panic(fmt.Sprintf("invariant broken: %T does not open a stream", m))
}

func locatedToWire(l Located) *wire.Located {
	return &wire.Located{Master: uint32(l.Master), Epoch: uint32(l.Epoch), Client: l.Client, Why: l.Why}
}

func locatedFromWire(w *wire.Located) Located {
	return Located{Master: cell.ReplicaID(w.GetMaster()), Epoch: cell.Epoch(w.GetEpoch()),
		Client: w.GetClient(), Why: w.GetWhy()}
}

func termsToWire(t Terms) *wire.Terms {
	return &wire.Terms{Epoch: uint32(t.Epoch), Incarnation: t.Incarnation, Lengths: LengthsToWire(t.Lengths),
		Limits: LimitsToWire(t.Limits)}
}

func termsFromWire(w *wire.Terms) (Terms, error) {
	l, err := LengthsFromWire(w.GetLengths())
	return Terms{Epoch: cell.Epoch(w.GetEpoch()), Incarnation: w.GetIncarnation(), Lengths: l,
		Limits: LimitsFromWire(w.GetLimits())}, err
}

func readHello(b []byte) (Message, error) {
	var w wire.Hello
	err := wire.Unmarshal(b, &w)
	return &Hello{Format: w.Format, Cell: w.Cell}, err
}

func readWelcome(b []byte) (Message, error) {
	var w wire.Welcome
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &Welcome{Format: w.Format, Cell: w.Cell, Replica: cell.ReplicaID(w.Replica)}
	return m, sixteen(m.CellID[:], w.CellId, "cell id")
}

func sixteen(to, from []byte, what string) error {
	if len(from) != len(to) {
		return fmt.Errorf("%w: a %s has %d bytes, got %d", cell.ErrProtocol, what, len(to), len(from))
	}
	copy(to, from)
	return nil
}

func readLocate(b []byte) (Message, error) {
	return &Locate{}, wire.Unmarshal(b, &wire.Locate{})
}

func readLocated(b []byte) (Message, error) {
	var w wire.Located
	err := wire.Unmarshal(b, &w)
	l := locatedFromWire(&w)
	return &l, err
}

func readRefused(b []byte) (Message, error) {
	var w wire.Refused
	err := wire.Unmarshal(b, &w)
	return &Refused{Code: cell.Code(w.Code), Message: w.Message, Epoch: cell.Epoch(w.Epoch),
		Located: locatedFromWire(w.Located), RetryAfter: w.RetryAfter, Limit: limitFromWire(w.Limit)}, err
}

func readCreateSession(b []byte) (Message, error) {
	var w wire.CreateSession
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &CreateSession{Identity: w.Identity, Epoch: cell.Epoch(w.Epoch)}
	return m, sixteen(m.Key[:], w.Key, "session key")
}

func readCreated(b []byte) (Message, error) {
	var w wire.Created
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	t, err := termsFromWire(w.Terms)
	return &Created{Session: cell.SessionID(w.Session), Terms: t}, err
}

func readAttach(b []byte) (Message, error) {
	var w wire.Attach
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &Attach{Session: cell.SessionID(w.Session), Epoch: cell.Epoch(w.Epoch), Stream: w.Stream}
	return m, sixteen(m.Key[:], w.Key, "session key")
}

func readAttached(b []byte) (Message, error) {
	var w wire.Attached
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	t, err := termsFromWire(w.Terms)
	m := &Attached{Stream: w.Stream, Terms: t, More: w.More}
	for _, h := range w.Holds {
		state, bad := HoldStateFromWire(h)
		if bad != nil {
			return nil, bad
		}
		m.Holds = append(m.Holds, *state)
	}
	return m, err
}
