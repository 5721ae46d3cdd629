package call

import (
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// The wire forms of queries and their replies.

func queryToWire(m *Query) *wire.Query {
	w := &wire.Query{Epoch: uint32(m.Epoch), Number: m.Number, Handle: handleToWire(m.Handle),
		IfHeld: SequencerToWire(m.IfHeld), AtReplica: m.AtReplica, Seen: uint64(m.Seen)}
	switch a := m.Ask.(type) {
	case *Read:
		w.Ask = &wire.Query_Read{Read: &wire.AskRead{Name: string(a.Name), Instance: a.Instance,
			StatOnly: a.StatOnly, Cache: a.Cache, Open: a.Open, Mode: uint32(a.Mode)}}
	case *List:
		w.Ask = &wire.Query_List{List: &wire.AskList{Name: string(a.Name), Instance: a.Instance, After: a.After,
			Most: int64(a.Most), Names: a.Names, Cache: a.Cache}}
	case *Revalidate:
		w.Ask = &wire.Query_Revalidate{Revalidate: &wire.AskRevalidate{Claims: claimsToWire(a.Claims)}}
	case *Locks:
		w.Ask = &wire.Query_Locks{Locks: &wire.AskLocks{Prefix: string(a.Prefix), One: a.One,
			After: string(a.After), Told: a.Told}}
	case *Sessions:
		w.Ask = &wire.Query_Sessions{Sessions: &wire.AskSessions{Id: uint64(a.ID), After: uint64(a.After),
			Told: a.Told}}
	case *CheckSequencer:
		w.Ask = &wire.Query_Check{Check: &wire.AskCheck{Sequencer: SequencerToWire(&a.Sequencer)}}
	case *Watch:
		w.Ask = &wire.Query_Watch{Watch: &wire.AskWatch{Id: a.ID, Name: string(a.Name), Children: a.Children,
			Recursive: a.Recursive, Locks: a.Locks, From: uint64(a.From)}}
	case *Unwatch:
		w.Ask = &wire.Query_Unwatch{Unwatch: &wire.AskUnwatch{Id: a.ID}}
	case *Sync:
		w.Ask = &wire.Query_Sync{Sync: &wire.AskSync{}}
	case *SettingsAsk:
		w.Ask = &wire.Query_Settings{Settings: &wire.AskSettings{}}
	case *StepDown:
		w.Ask = &wire.Query_StepDown{StepDown: &wire.AskStepDown{Epoch: uint32(a.Epoch)}}
	case *RightsAsk:
		w.Ask = &wire.Query_Rights{Rights: &wire.AskRights{Name: string(a.Name), Instance: a.Instance,
			Principal: a.Principal}}
	case *StatusAsk:
		w.Ask = &wire.Query_Status{Status: &wire.AskStatus{}}
	case *Replace:
		w.Ask = &wire.Query_Replace{Replace: replaceToWire(a)}
	default:
		panic(fmt.Sprintf("invariant broken: ask %T has no wire form", a))
	}
	return w
}

func readQuery(b []byte) (Message, error) {
	var w wire.Query
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	ask, err := askFromWire(&w)
	if err != nil {
		return nil, err
	}
	h, err := handleFromWire(w.Handle)
	if err != nil {
		return nil, err
	}
	held, err := SequencerFromWire(w.IfHeld)
	return &Query{Epoch: cell.Epoch(w.Epoch), Number: w.Number, Ask: ask, Handle: h, IfHeld: held,
		AtReplica: w.AtReplica, Seen: cell.Zxid(w.Seen)}, err
}

func askFromWire(w *wire.Query) (Ask, error) {
	switch a := w.Ask.(type) {
	case *wire.Query_Read:
		n, err := name(a.Read.Name)
		if err == nil && a.Read.Mode > uint32(handleModes) {
			err = fmt.Errorf("%w: handle mode %d", cell.ErrProtocol, a.Read.Mode)
		}
		return &Read{Name: n, Instance: a.Read.Instance, StatOnly: a.Read.StatOnly, Cache: a.Read.Cache,
			Open: a.Read.Open, Mode: HandleMode(a.Read.Mode)}, err
	case *wire.Query_List:
		n, err := name(a.List.Name)
		return &List{Name: n, Instance: a.List.Instance, After: a.List.After, Most: int(a.List.Most), Names: a.List.Names,
			Cache: a.List.Cache}, err
	case *wire.Query_Revalidate:
		claims, err := claimsFromWire(a.Revalidate.Claims)
		return &Revalidate{Claims: claims}, err
	case *wire.Query_Locks:
		n, err := maybeName(a.Locks.Prefix) // none: the whole cell
		if err != nil {
			return nil, err
		}
		after, err := maybeName(a.Locks.After)
		return &Locks{Prefix: n, One: a.Locks.One, After: after, Told: a.Locks.Told}, err
	case *wire.Query_Sessions:
		return &Sessions{ID: cell.SessionID(a.Sessions.Id), After: cell.SessionID(a.Sessions.After),
			Told: a.Sessions.Told}, nil
	case *wire.Query_Check:
		q, err := SequencerFromWire(a.Check.Sequencer)
		if err != nil || q == nil {
			return nil, fmt.Errorf("%w: no valid sequencer", cell.ErrProtocol)
		}
		return &CheckSequencer{Sequencer: *q}, nil
	case *wire.Query_Watch:
		n, err := name(a.Watch.Name)
		return &Watch{ID: a.Watch.Id, Name: n, Children: a.Watch.Children, Recursive: a.Watch.Recursive,
			Locks: a.Watch.Locks, From: cell.Zxid(a.Watch.From)}, err
	case *wire.Query_Unwatch:
		return &Unwatch{ID: a.Unwatch.Id}, nil
	case *wire.Query_Sync:
		return &Sync{}, nil
	case *wire.Query_Settings:
		return &SettingsAsk{}, nil
	case *wire.Query_StepDown:
		return &StepDown{Epoch: cell.Epoch(a.StepDown.Epoch)}, nil
	case *wire.Query_Rights:
		n, err := name(a.Rights.Name)
		return &RightsAsk{Name: n, Instance: a.Rights.Instance, Principal: a.Rights.Principal}, err
	case *wire.Query_Status:
		return &StatusAsk{}, nil
	case *wire.Query_Replace:
		return replaceFromWire(a.Replace)
	}
	return nil, fmt.Errorf("%w: a query that this version does not know", cell.ErrProtocol)
}

func queryReplyToWire(m *QueryReply) *wire.QueryReply {
	w := &wire.QueryReply{Epoch: uint32(m.Epoch), Number: m.Number, Code: uint32(m.Code), Message: m.Message,
		RetryAfter: m.RetryAfter, Zxid: uint64(m.Zxid)}
	w.Limit = limitToWire(m.Limit)
	if n := m.Node; n != nil {
		w.Node = &wire.NodeReply{Stat: StatToWire(n.Stat), Contents: n.Contents, Absent: n.Absent,
			Ancestor: string(n.Ancestor), Cachable: n.Cachable, Incarnation: n.Incarnation, Handle: handleToWire(n.Handle)}
	}
	if l := m.List; l != nil {
		w.List = &wire.ListReply{Parent: StatToWire(l.Parent), More: l.More, Absent: l.Absent,
			Ancestor: string(l.Ancestor), Cachable: l.Cachable, Incarnation: l.Incarnation}
		for _, c := range l.Children {
			w.List.Children = append(w.List.Children, StatToWire(c))
		}
	}
	if m.Locks != nil {
		w.Locks = &wire.LocksReply{More: m.Locks.More, Told: m.Locks.Told}
		for _, l := range m.Locks.Locks {
			w.Locks.Locks = append(w.Locks.Locks, lockToWire(l))
		}
	}
	if m.Sessions != nil {
		w.Sessions = &wire.SessionsReply{More: m.Sessions.More, Told: m.Sessions.Told}
		for _, s := range m.Sessions.Sessions {
			w.Sessions.Sessions = append(w.Sessions.Sessions, sessionToWire(s))
		}
	}
	if v := m.Revalidate; v != nil {
		w.Revalidate = &wire.RevalidateReply{Incarnation: v.Incarnation, Kept: v.Kept}
	}
	if s := m.Settings; s != nil {
		w.Settings = settingsReplyToWire(s)
	}
	if r := m.Rights; r != nil {
		w.Rights = rightsToWire(r)
	}
	if r := m.Replaced; r != nil {
		w.Replaced = &wire.ReplaceReply{Done: r.Done, Why: r.Why}
	}
	if s := m.Status; s != nil {
		w.Status = &wire.Status{Cell: s.Cell, Replica: uint32(s.Replica), Role: s.Role, Master: uint32(s.Master),
			Epoch: uint32(s.Epoch), Zxid: uint64(s.Zxid), LeaseLeft: int64(s.LeaseLeft), Sessions: int64(s.Sessions),
			Locks: int64(s.Locks), Index: s.Index, Members: MembersToWire(s.Members), Why: s.Why,
			CertificateEnds: nanos(s.CertificateEnds)}
	}
	return w
}

func readQueryReply(b []byte) (Message, error) {
	var w wire.QueryReply
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	m := &QueryReply{Epoch: cell.Epoch(w.Epoch), Number: w.Number, Code: cell.Code(w.Code), Message: w.Message,
		RetryAfter: w.RetryAfter, Zxid: cell.Zxid(w.Zxid)}
	m.Limit = limitFromWire(w.Limit)
	if v := w.Revalidate; v != nil {
		m.Revalidate = &RevalidateReply{Incarnation: v.Incarnation, Kept: v.Kept}
	}
	for _, part := range []func(*QueryReply, *wire.QueryReply) error{readNode, readList, readLocks,
		readSessions, readRights, cutSettings, readStatus, readReplaced} {
		if err := part(m, &w); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func readNode(m *QueryReply, w *wire.QueryReply) error {
	n := w.Node
	if n == nil {
		return nil
	}
	s, err := StatFromWire(n.Stat)
	if err != nil {
		return err
	}
	h, err := handleFromWire(n.Handle)
	if err != nil {
		return err
	}
	a, err := maybeName(n.Ancestor)
	m.Node = &NodeReply{Handle: h, Stat: s, Contents: n.Contents, Absent: n.Absent, Ancestor: a,
		Cachable: n.Cachable, Incarnation: n.Incarnation}
	return err
}

func readList(m *QueryReply, w *wire.QueryReply) error {
	l := w.List
	if l == nil {
		return nil
	}
	parent, err := StatFromWire(l.Parent)
	if err != nil {
		return err
	}
	a, err := maybeName(l.Ancestor)
	if err != nil {
		return err
	}
	m.List = &ListReply{Parent: parent, More: l.More, Absent: l.Absent, Ancestor: a,
		Cachable: l.Cachable, Incarnation: l.Incarnation}
	for _, c := range l.Children {
		s, err := StatFromWire(c)
		if err != nil {
			return err
		}
		m.List.Children = append(m.List.Children, s)
	}
	return nil
}

func readLocks(m *QueryReply, w *wire.QueryReply) error {
	if w.Locks == nil {
		return nil
	}
	m.Locks = &LocksReply{More: w.Locks.More, Told: w.Locks.Told}
	for _, l := range w.Locks.Locks {
		lock, err := lockFromWire(l)
		if err != nil {
			return err
		}
		m.Locks.Locks = append(m.Locks.Locks, lock)
	}
	return nil
}

func readSessions(m *QueryReply, w *wire.QueryReply) error {
	if w.Sessions == nil {
		return nil
	}
	m.Sessions = &SessionsReply{More: w.Sessions.More, Told: w.Sessions.Told}
	for _, s := range w.Sessions.Sessions {
		info, err := sessionFromWire(s)
		if err != nil {
			return err
		}
		m.Sessions.Sessions = append(m.Sessions.Sessions, info)
	}
	return nil
}

func readStatus(m *QueryReply, w *wire.QueryReply) error {
	s := w.Status
	if s == nil {
		return nil
	}
	members, err := MembersFromWire(s.Members)
	m.Status = &Status{Cell: s.Cell, Replica: cell.ReplicaID(s.Replica), Role: s.Role, Master: cell.ReplicaID(s.Master),
		Epoch: cell.Epoch(s.Epoch), Zxid: cell.Zxid(s.Zxid), LeaseLeft: time.Duration(s.LeaseLeft),
		Sessions: int(s.Sessions), Locks: int(s.Locks), Index: s.Index, Members: members, Why: s.Why,
		CertificateEnds: instant(s.CertificateEnds)}
	return err
}
