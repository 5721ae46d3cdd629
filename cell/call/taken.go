package call

import (
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// HoldEnd is how a hold ended. The numbers are part of the format.
type HoldEnd uint8

// The ends of a hold. Broken, Killed and MaxHold are taken from their holder.
const (
	EndReleased HoldEnd = 1 // given back
	EndExpired  HoldEnd = 2 // with its session's lease
	EndBroken   HoldEnd = 3 // by an operator
	EndKilled   HoldEnd = 4 // with its session, by an operator
	EndMaxHold  HoldEnd = 5 // by the cell: it lasted as long as it asked for
	EndClosed   HoldEnd = 6 // with its session, closed by its client
)

var holdEndWords = [...]string{"", "released", "expired", "broken", "killed", "max_hold", "closed"}

// String is the word in JSON and tables; "" for none.
func (e HoldEnd) String() string {
	if int(e) < len(holdEndWords) {
		return holdEndWords[e]
	}
	return "unknown"
}

// Taken reports whether a hold that ended so was taken from its holder (C1).
func (e HoldEnd) Taken() bool { return e == EndBroken || e == EndKilled || e == EndMaxHold }

// Loss says how a hold was taken and by whom, an identity that proves nothing. The zero Loss: it
// was not.
type Loss struct {
	End HoldEnd
	By  string
}

// Taken reports whether there is a loss.
func (l Loss) Taken() bool { return l.End != 0 }

// String says it in words.
func (l Loss) String() string {
	switch l.End {
	case EndBroken:
		return "broken by " + l.By
	case EndKilled:
		return "its session was killed by " + l.By
	case EndMaxHold:
		return "it lasted as long as MaxHold allows"
	}
	return l.End.String()
}

// Past is a hold that has ended: who had the lock, from when to when, and why no longer. Times are
// the master's wall clock: shown, never compared.
type Past struct {
	Session      cell.SessionID
	Identity     string
	Token        uint64
	Since, Until time.Time
	End          HoldEnd
}

// Break takes the holds of a lock that have that token. One that has moved on is refused with
// ErrStaleSequencer.
type Break struct {
	Name  cell.Name
	Token uint64
}

// Kill ends another session: what it holds is taken. ErrNotFound when there is no such session.
type Kill struct{ Session cell.SessionID }

func (*Break) op() {}
func (*Kill) op()  {}

// Taken tells a holder that the cell has taken its hold. The client ends it, and acknowledges by
// Release when its Margin is over (C1).
type Taken struct {
	Epoch  cell.Epoch
	Stream uint64
	Hold   uint64
	Loss   Loss
}

// Quit is the last word of the client of an ended session, on any stream: its cache is empty, and
// with Holds what it held is over too, Margins included. The key proves who says it.
type Quit struct {
	Session cell.SessionID
	Key     cell.SessionKey
	Holds   bool
}

// Invalid: see Message.
func (m *Break) Invalid() string { return when(m.Token == 0, "no token") }

// Invalid: see Message.
func (m *Kill) Invalid() string { return when(m.Session == 0, "no session") }

// Invalid: see Message.
func (m *Taken) Invalid() string { return when(!m.Loss.Taken(), "taken, and nobody knows how") }

// Invalid: see Message.
func (m *Quit) Invalid() string { return when(m.Session == 0, "no session") }

// LossToWire is l's wire form; nil for the zero Loss.
func LossToWire(l Loss) *wire.Loss {
	if !l.Taken() {
		return nil
	}
	return &wire.Loss{End: uint32(l.End), By: l.By}
}

// LossFromWire reads what LossToWire made.
func LossFromWire(w *wire.Loss) (Loss, error) {
	if w == nil {
		return Loss{}, nil
	}
	l := Loss{End: HoldEnd(min(w.End, 255)), By: w.By}
	if !l.End.Taken() {
		return Loss{}, fmt.Errorf("%w: a hold taken by way of %d", cell.ErrProtocol, w.End)
	}
	return l, nil
}

func historyToWire(all []Past) []*wire.Past {
	var out []*wire.Past
	for _, p := range all {
		out = append(out, &wire.Past{Session: uint64(p.Session), Identity: p.Identity, Token: p.Token,
			Since: nanos(p.Since), Until: nanos(p.Until), End: uint32(p.End)})
	}
	return out
}

func historyFromWire(w []*wire.Past) ([]Past, error) {
	var out []Past
	for _, p := range w {
		if p.End == 0 || p.End >= uint32(len(holdEndWords)) {
			return nil, fmt.Errorf("%w: a hold ended by way of %d", cell.ErrProtocol, p.End)
		}
		out = append(out, Past{Session: cell.SessionID(p.Session), Identity: p.Identity, Token: p.Token,
			Since: instant(p.Since), Until: instant(p.Until), End: HoldEnd(p.End)})
	}
	return out, nil
}

func readTaken(b []byte) (Message, error) {
	var w wire.Taken
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	l, err := LossFromWire(w.Loss)
	return &Taken{Epoch: cell.Epoch(w.Epoch), Stream: w.Stream, Hold: w.Hold, Loss: l}, err
}

func readQuit(b []byte) (Message, error) {
	var w wire.Quit
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &Quit{Session: cell.SessionID(w.Session), Holds: w.Holds}
	return m, sixteen(m.Key[:], w.Key, "session key")
}
