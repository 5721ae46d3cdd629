package call

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

var (
	when1 = time.Unix(1_700_000_000, 123456789).UTC()
	stat1 = cell.Stat{Name: "/ls/local/a", Instance: 7, ContentGeneration: 2, ACLGeneration: 1, ChildrenGeneration: 3,
		Checksum: 99, Size: 3, Children: 1, EphemeralOwner: 5, Created: when1, Modified: when1, Zxid: 8}
	stat2  = cell.Stat{Name: "/ls/local/b", Instance: 7, Container: true, TTL: time.Second}
	seq1   = cell.Sequencer{Mode: cell.Exclusive, Grant: 9, Hold: 8, Instance: 7, Name: "/ls/local/a"}
	gen1   = uint64(4)
	terms1 = Terms{Epoch: 3, Incarnation: 2, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()}
	lock1  = LockInfo{Name: "/ls/local/a", Mode: cell.Shared, Generation: 2, DelayLeft: time.Second,
		Holders: []Holder{{Session: 3, Identity: "i", Principal: "p", Address: "a:1", Note: "n",
			Since: when1, Sequencer: seq1,
			LeaseLeft: time.Minute}},
		Waiters: []Waiter{{Session: 4, Identity: "j", Principal: "q", Mode: cell.Exclusive, Since: when1}}}
	handle1 = &Handle{Mode: HandleWrites, Epoch: 3, Digits: [16]byte{1, 15: 2}}
	hold1   = HoldState{Name: "/ls/local/a", Hold: 8, Call: 2, Held: true, Sequencer: seq1}
)

var samples = []Message{
	&Hello{Format: 1, Cell: "local"}, &Welcome{Format: 1, Cell: "local", CellID: cell.CellID{1}, Replica: 2}, &Locate{},
	&Located{Master: 1, Epoch: 2, Client: "h:1", Why: "w"},
	&Refused{Code: 14, Message: "m", Epoch: 3, Located: Located{Master: 1}},
	&CreateSession{Key: cell.SessionKey{1}, Identity: "me", Epoch: 2}, &Created{Session: 5, Terms: terms1},
	&Attach{Session: 5, Key: cell.SessionKey{1}, Epoch: 3, Stream: 2}, &Attached{Stream: 2,
		Terms: terms1, Holds: []HoldState{hold1}},
	&KeepAlive{Number: 1, Epoch: 2, Stream: 3, Acked: 4, Flushed: 5},
	&KeepAliveReply{Number: 1, Epoch: 2, Stream: 3, Parked: 4, Session: 5, Cache: 6, Incarnation: 7},
	&Invalidate{Epoch: 1, Stream: 2, Seq: 3, Names: []cell.Name{"/ls/local/a"}},
	&Invalidate{Seq: 3, Names: []cell.Name{}, Everything: true},
	&Flushed{Epoch: 1, Stream: 2, Seq: 3, Incarnation: 4}, &Granted{Epoch: 1, Stream: 2, Hold: 3, Sequencer: seq1},
	&Dropped{Epoch: 1, Stream: 2, Hold: 3, Code: 10, Message: "gone"}, &Ended{Session: 5, Why: "expired"},
	&Call{Epoch: 1, Number: 2, Acked: 1, Op: &Create{Name: "/ls/local/q/", Contents: []byte("x"),
		Sequential: true, ACL: cell.ACL{Change: "c"}, IfHeld: &seq1}},
	&Call{Epoch: 1, Number: 2, Op: &Write{Name: "/ls/local/a", Instance: 1, Contents: []byte("x"),
		IfGeneration: &gen1, OrCreate: true, Lasting: Lasting{TTL: 1e9}}},
	&Call{Epoch: 1, Number: 2, Op: &Write{Name: "/ls/local/a", OrCreate: true, ACL: cell.ACL{Read: "r", Write: "w"}}},
	&Call{Epoch: 1, Number: 2, Op: &Delete{Name: "/ls/local/a", IfGeneration: &gen1}},
	&Call{Epoch: 1, Number: 2, Op: &Acquire{Name: "/ls/local/a", Mode: cell.Shared, Wait: true,
		Create: true, Delay: -1, Margin: 5, Note: "n"}},
	&Call{Epoch: 1, Number: 2, Op: &Release{Name: "/ls/local/a", Hold: 8}}, &Call{Number: 1, Op: &CloseSession{}},
	&Call{Epoch: 1, Number: 2, Op: &Txn{Parts: []Part{&Create{Name: "/ls/local/q/", Sequential: true, IfHeld: &seq1},
		&Write{Name: "/ls/local/a", Contents: []byte("x")}, &Delete{Name: "/ls/local/b", IfGeneration: &gen1},
		&Check{Name: "/ls/local/a", IfGeneration: &gen1}, &Check{Name: "/ls/local/c", Absent: true},
		&CheckSequencer{Sequencer: seq1}}}},
	&CallReply{Epoch: 1, Number: 3, Proposed: true, Result: Result{Zxid: 9, Parts: []cell.Stat{stat1, {}, stat2},
		Refused: 2}},
	&Call{Number: 1, Op: &Break{Name: "/ls/local/a", Token: 9}}, &Call{Number: 1, Op: &Kill{Session: 3}},
	&Call{Number: 1, Op: &Set{Key: "lock_delay", Value: 9}},
	&Call{Number: 1, Op: &SetACL{Name: "/ls/local/a", Instance: 7, ACL: cell.ACL{Read: "r", Write: "w", Change: "c"},
		IfGeneration: &gen1, IfHeld: &seq1}},
	&Query{Number: 1, Ask: &RightsAsk{Name: "/ls/local/a", Instance: 7, Principal: "somebody"}},
	&QueryReply{Number: 1, Rights: &RightsReply{ACL: cell.ACL{Read: "r", Write: "w", Change: "c"}, Generation: 2,
		Instance: 7, Principal: "somebody", Rights: cell.MayRead | cell.MayChange}},
	&Settings{Epoch: 1, Stream: 2, Settings: cell.Settings{Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()}},
	&Query{Number: 1, Ask: &SettingsAsk{}}, &Query{Number: 1, Ask: &StepDown{Epoch: 4}},
	&Query{Number: 1, Ask: &Locks{Prefix: "/ls/local/a", After: "/ls/local/a/b"}},
	&Query{Number: 1, Ask: &Sessions{After: 9}},
	&QueryReply{Epoch: 1, Number: 2, Settings: &SettingsReply{
		Settings: cell.Settings{Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()},
		Granted:  cell.Granted{SessionLease: time.Second, CacheLease: 2}}},
	&Taken{Epoch: 1, Stream: 2, Hold: 3, Loss: Loss{End: EndBroken, By: "ann"}},
	&Quit{Session: 3, Key: cell.SessionKey{1}, Holds: true},
	&CallReply{Epoch: 1, Number: 2, Proposed: true, Result: Result{Zxid: 9, Code: 13, Message: "m",
		Limit: &Limit{Name: "value", Most: 1, Got: 2}, RetryAfter: 3, Stat: stat1, Acquired: &hold1, Lock: &lock1}},
	&Query{Number: 1, Ask: &Read{Name: "/ls/local/a", Instance: 1, StatOnly: true, Cache: true}},
	&Query{Number: 1, Ask: &Read{Name: "/ls/local/a", Open: true, Mode: HandleLocks}, Handle: handle1, IfHeld: &seq1},
	&Call{Epoch: 1, Number: 2, Op: &Acquire{Name: "/ls/local/a", Mode: cell.Shared, IfHeld: &seq1}, Handle: handle1},
	&Query{Number: 1, Ask: &Revalidate{Claims: []Claim{{Name: "/ls/local/a", Instance: 1, Node: true, Zxid: 2, List: true,
		ChildrenGeneration: 3, Checksum: 9}, {Name: "/ls/local/b", Ancestor: "/ls/local"}}}},
	&QueryReply{Number: 2, Revalidate: &RevalidateReply{Incarnation: 3, Kept: []bool{true, false}}},
	&QueryReply{Number: 2, Node: &NodeReply{Stat: stat1, Handle: handle1}},
	&Query{Number: 1, Ask: &List{Name: "/ls/local/a", After: "x", Most: 10, Names: true, Cache: true}},
	&Query{Number: 1, Ask: &Locks{Prefix: "/ls/local", One: true}}, &Query{Number: 1, Ask: &Sessions{ID: 4}},
	&Query{Number: 1, Ask: &CheckSequencer{Sequencer: seq1}}, &Query{Number: 1, Ask: &StatusAsk{}},
	&Query{Number: 1, Ask: &Watch{ID: 1, Name: "/ls/local/a", Children: true, From: 5}},
	&Query{Number: 1, Ask: &Unwatch{ID: 1}}, &Query{Number: 1, Ask: &Sync{}},
	&Query{Number: 1, AtReplica: true, Seen: 9, Ask: &Read{Name: "/ls/local/a", StatOnly: true}},
	&Query{Number: 1, Ask: &Replace{Old: 3, New: cell.Member{ID: 6, Client: "h:1", Peer: "[::1]:2", HTTP: "h:3"}}},
	&QueryReply{Number: 2, Replaced: &ReplaceReply{Done: true, Why: "w"}},
	&QueryReply{Epoch: 1, Number: 2, Zxid: 3, Node: &NodeReply{Stat: stat1, Contents: []byte("abc"),
		Cachable: true, Incarnation: 2}},
	&QueryReply{Number: 2, Node: &NodeReply{Absent: true, Ancestor: "/ls/local"}},
	&QueryReply{Number: 2, List: &ListReply{Parent: stat1, Children: []cell.Stat{stat1}, More: true, Cachable: true}},
	&QueryReply{Number: 2, Locks: &LocksReply{Locks: []LockInfo{lock1}, More: true, Told: 3}},
	&QueryReply{Number: 2, Sessions: &SessionsReply{Sessions: []SessionInfo{{ID: 1, Identity: "i",
		State: "alive", LeaseLeft: 1,
		Created: when1, Locks: []cell.Name{"/ls/local/a"}, Ephemerals: []cell.Name{"/ls/local/b"}, Watches: 2}}}},
	&QueryReply{Number: 2, Status: &Status{Cell: "local", Replica: 1, Role: "master", Master: 1,
		Epoch: 2, Zxid: 3, LeaseLeft: 4,
		Sessions: 5, Locks: 6, Index: 7, Members: cell.Members{{ID: 1, Incarnation: 2, Client: "c",
			Peer: "p", HTTP: "h"}}, Why: "w"}},
	&Events{Epoch: 1, Stream: 2, Watch: 3, Events: []Event{{Kind: EventCreated, Name: "/ls/local/a",
		Zxid: 4, Stat: stat1, Contents: []byte("c")}}},
}

func TestB1_EveryMessageComesBackAsItWas(t *testing.T) {
	seen := map[uint8]bool{}
	for _, m := range samples {
		kind, body := Encode(m)
		got, err := Decode(kind, body)
		require.NoError(t, err, "%T", m)
		require.Equal(t, m, got)
		seen[kind] = true
	}
	require.Len(t, seen, len(readers), "a message type has no sample")
}

func TestB1_NonsenseIsRefusedByName(t *testing.T) {
	kind, body := Encode(&Call{Number: 1, Op: &Release{Name: "/ls/local/a"}})
	_, err := Decode(kind, body)
	require.ErrorIs(t, err, cell.ErrProtocol)
	require.ErrorContains(t, err, "no hold")
	_, err = Decode(200, nil)
	require.ErrorIs(t, err, cell.ErrProtocol)
	_, err = Decode(typeCall, []byte{0xff, 0xff})
	require.ErrorIs(t, err, cell.ErrProtocol)
	_, err = Decode(typeHello, append(body[:0:0], 0x08, 0x01, 0xa2, 0x06, 0x01, 0x00)) // an unknown field 100
	require.ErrorIs(t, err, cell.ErrProtocol)
}

func TestSequentialTargetMayEndInASlash(t *testing.T) {
	parent, base, err := (&Create{Name: "/ls/local/q/", Sequential: true}).Target()
	require.NoError(t, err)
	require.Equal(t, cell.Name("/ls/local/q"), parent)
	require.Equal(t, "", base)
	_, _, err = (&Create{Name: "/ls/local/q/"}).Target()
	require.ErrorIs(t, err, cell.ErrBadName)
}

func FuzzB5_Decode(f *testing.F) {
	for _, m := range samples {
		kind, body := Encode(m)
		f.Add(kind, body)
	}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		m, err := Decode(kind, body)
		if err != nil {
			return
		}
		again, b := Encode(m)
		_, err = Decode(again, b)
		require.NoError(t, err)
	})
}
