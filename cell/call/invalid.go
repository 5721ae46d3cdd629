package call

import (
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// Invalid: see Message.
func (m *Hello) Invalid() string {
	return first(when(m.Format == 0, "format 0"), tooLong("cell", len(m.Cell), cell.MaxComponentBytes))
}

// Invalid: see Message.
func (m *CreateSession) Invalid() string {
	return first(tooLong("identity", len(m.Identity), MaxIdentityBytes),
		when(m.Key == cell.SessionKey{}, "the session key is zero"))
}

// Invalid: see Message.
func (m *Attach) Invalid() string {
	return first(when(m.Session == 0, "no session"), when(m.Stream == 0, "stream 0"))
}

// Invalid: see Message.
func (m *KeepAlive) Invalid() string { return when(m.Number == 0, "KeepAlive number 0") }

// Invalid: see Message.
func (m *Call) Invalid() string {
	if m.Number == 0 || m.Acked >= m.Number || m.Op == nil {
		return "a call needs a number above its acked mark, and an op"
	}
	return m.Op.Invalid()
}

// Invalid: see Message.
func (m *Query) Invalid() string {
	if m.Ask == nil {
		return "a query asks nothing"
	}
	return first(m.replicaInvalid(), m.Ask.Invalid(), badProof(m.IfHeld))
}

func (m *Query) replicaInvalid() string {
	if !m.AtReplica {
		return when(m.Seen != 0, "seen goes with at_replica only")
	}
	switch a := m.Ask.(type) {
	case *Read, *List:
		if r, ok := a.(*Read); ok && r.Open {
			return "a replica opens no handles"
		}
		return when(m.Epoch != 0 || m.Handle != nil || m.IfHeld != nil,
			"a read at a replica belongs to no session, and proves nothing")
	}
	return "a replica answers reads and lists only"
}

// Target is the name that the op is about; for a sequential create its parent with the given
// base (which may be empty).
func (m *Create) Target() (parent cell.Name, base string, err error) {
	name := m.Name
	if m.Sequential { // the digits will be appended: check the grammar with them in place
		name += strings.Repeat("0", SequenceDigits)
	}
	full, err := cell.ParseName(name)
	if err != nil {
		return "", "", err
	}
	parent, ok := full.Parent()
	if !ok {
		return "", full.Base(), nil
	}
	base = full.Base()
	if m.Sequential {
		base = base[:len(base)-SequenceDigits]
	}
	return parent, base, nil
}

// SequenceDigits is how many digits a sequential create appends.
const SequenceDigits = 20

// Invalid: see Message.
func (m *Create) Invalid() string {
	if _, _, err := m.Target(); err != nil {
		return err.Error()
	}
	return first(tooLong("value", len(m.Contents), MaxValueBytes), badProof(m.IfHeld), m.ACL.Invalid(),
		m.invalid(m.Ephemeral))
}

func (l Lasting) invalid(ephemeral bool) string {
	return first(when(ephemeral && (l.Container || l.TTL != 0), "an ephemeral is no container and has no time-to-live"),
		when(l.Container && l.TTL != 0, "a container has no time-to-live"),
		when(l.TTL != 0 && (l.TTL < MinTTL || l.TTL > MaxTTL), "a time-to-live lies between 1ms and 10 years"))
}

// Invalid: see Message.
func (m *Write) Invalid() string {
	return first(tooLong("value", len(m.Contents), MaxValueBytes), badProof(m.IfHeld),
		when((m.Ephemeral || m.Lasting != Lasting{} || m.ACL != cell.ACL{}) && !m.OrCreate,
			"how a node lasts, and its ACLs, go with or_create only"), m.ACL.Invalid(),
		m.invalid(m.Ephemeral))
}

// Invalid: see Message.
func (m *Delete) Invalid() string { return badProof(m.IfHeld) }

// Invalid: see Message.
func (m *Acquire) Invalid() string {
	return first(when(m.Mode != cell.Shared && m.Mode != cell.Exclusive, "the mode is neither shared nor exclusive"),
		when(m.Delay < -1 || m.Delay > MaxDelay, "the lock-delay lies outside 0 … 1h"),
		when(m.MaxHold < 0 || m.MaxHold > MaxMaxHold, "MaxHold lies outside 0 … 8784h"),
		when(m.Margin < 0 || m.Margin > MaxDelay, "the margin lies outside 0 … 1h"),
		tooLong("note", len(m.Note), MaxNoteBytes), badProof(m.IfHeld))
}

// Invalid: see Message.
func (m *Release) Invalid() string { return when(m.Hold == 0, "no hold") }

// Invalid: see Message.
func (m *List) Invalid() string {
	return first(when(m.Most < 0 || m.Most > MaxPage, "a page has 0 … 1000 children"),
		tooLong("after", len(m.After), cell.MaxComponentBytes))
}

// Invalid: see Message.
func (m *Watch) Invalid() string { return when(m.ID == 0, "watch id 0") }

// Invalid: see Message.
func (m *CheckSequencer) Invalid() string { return badProof(&m.Sequencer) }

func badProof(q *cell.Sequencer) string {
	if q == nil {
		return ""
	}
	return when(q.Mode != cell.Shared && q.Mode != cell.Exclusive, "a sequencer is shared or exclusive")
}

// The messages that no value of their fields makes nonsense.

// Invalid: see Message.
func (m *Sync) Invalid() string { return "" }

// Invalid: see Message.
func (m *Welcome) Invalid() string { return "" }

// Invalid: see Message.
func (m *Locate) Invalid() string { return "" }

// Invalid: see Message.
func (m *Located) Invalid() string { return "" }

// Invalid: see Message.
func (m *Refused) Invalid() string { return "" }

// Invalid: see Message.
func (m *Created) Invalid() string { return m.Terms.invalid() }

// Invalid: see Message.
func (m *Attached) Invalid() string { return m.Terms.invalid() }

func (t Terms) invalid() string {
	return first(t.Lengths.Invalid(), when(t.Limits.Unacked < 1, "no unacked calls"))
}

// Invalid: see Message.
func (m *KeepAliveReply) Invalid() string {
	return when(m.Parked < 0 || m.Session < 0 || m.Cache < 0, "a negative length")
}

// Invalid: see Message.
func (m *Invalidate) Invalid() string { return "" }

// Invalid: see Message.
func (m *Flushed) Invalid() string { return "" }

// Invalid: see Message.
func (m *Granted) Invalid() string { return "" }

// Invalid: see Message.
func (m *Dropped) Invalid() string { return "" }

// Invalid: see Message.
func (m *Ended) Invalid() string { return "" }

// Invalid: see Message.
func (m *CallReply) Invalid() string { return "" }

// Invalid: see Message.
func (m *QueryReply) Invalid() string { return "" }

// Invalid: see Message.
func (m *Events) Invalid() string { return "" }

// Invalid: see Message.
func (m *CloseSession) Invalid() string { return "" }

// Invalid: see Message.
func (m *Read) Invalid() string { return "" }

// Invalid: see Message.
func (m *Locks) Invalid() string { return "" }

// Invalid: see Message.
func (m *Sessions) Invalid() string { return "" }

// Invalid: see Message.
func (m *Unwatch) Invalid() string { return when(m.ID == 0, "watch id 0") }

// Invalid: see Message.
func (m *StatusAsk) Invalid() string { return "" }
