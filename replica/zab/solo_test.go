package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// solo is one core whose peers are the test itself, and whose disk answers at once.
type solo struct {
	t    *testing.T
	core *Core
	out  Out
	now  lease.Instant
	said []Send
	evs  []Event
	disk []DiskOp
	hold bool // the disk answers nothing
	owed []DiskOp
}

func soloConfig(n int) Config {
	c := Config{
		ID: 1, Lengths: scriptLengths(), MembersOf: simMembersOf(n), Seed: 3,
		Hard: record.HardState{Incarnation: 101, Boot: 1, Standing: record.Voter},
		Log:  record.Summary{First: 1},
	}
	for i := 1; i <= n; i++ {
		c.Members = append(c.Members, cell.Member{ID: cell.ReplicaID(i)})
		if i > 1 {
			seen := record.Seen{ID: cell.ReplicaID(i), Incarnation: cell.Incarnation(100 + i), Boot: 1}
			c.Hard.Seen = append(c.Hard.Seen, seen)
		}
	}
	return c
}

const soloStart = lease.Instant(1e9)

func newSolo(t *testing.T, c Config) *solo {
	s := &solo{t: t, now: soloStart}
	s.core = New(c, s.now, &s.out)
	s.settle()
	return s
}

func (s *solo) step(in Input) {
	s.core.Step(s.now, in, &s.out)
	s.settle()
}

// settle answers the disk until it has nothing left to ask.
func (s *solo) settle() {
	for {
		if s.t != nil {
			require.Empty(s.t, recounted(s.core))
		}
		s.said = append(s.said, s.out.Sends...)
		s.evs = append(s.evs, s.out.Events...)
		ops := append([]DiskOp(nil), s.out.Disk...)
		s.disk = append(s.disk, ops...)
		s.out.Reset()
		if s.owed = append(s.owed, ops...); s.hold || len(s.owed) == 0 {
			return
		}
		ops, s.owed = s.owed, nil
		for _, op := range ops {
			switch op := op.(type) {
			case Append:
				s.core.Step(s.now, Persisted{op.Ticket}, &s.out)
			case SaveHard:
				s.core.Step(s.now, Persisted{op.Ticket}, &s.out)
			case Truncate:
				s.core.Step(s.now, Persisted{op.Ticket}, &s.out)
			case Install:
				s.core.Step(s.now, Persisted{op.Ticket}, &s.out)
			case ReadLog:
				s.core.Step(s.now, LogRead{op.Ticket, nil}, &s.out)
			}
		}
	}
}

func (s *solo) hears(from cell.ReplicaID, m Message) { s.step(Received{from, uint64(from), m}) }

func (s *solo) pass(d lease.Duration) {
	s.now = s.now.Add(d)
	s.step(nil)
}

// meet links a peer whose hello is an ordinary one: a voter's has promised an epoch.
func (s *solo) meet(id cell.ReplicaID, standing record.Standing) {
	s.step(LinkUp{id, uint64(id)})
	s.hears(id, &Hello{ID: id, Incarnation: cell.Incarnation(100 + id), Boot: 1, Standing: standing,
		Promised: standing == record.Voter, Heard: s.core.names(nil), Format: cell.Format})
	s.hears(id, &Welcome{})
}

// led makes the core a follower of leader in epoch e, up to the ack of the epoch.
func (s *solo) led(leader cell.ReplicaID, e cell.Epoch) {
	s.hears(leader, &Status{Role: RoleLeading, Leader: leader, Epoch: e, Current: e})
	s.hears(leader, &NewEpoch{Ask: s.core.ask, Epoch: e})
}

// last is the newest message of m's type that was said to anybody.
func last[M Message](s *solo) (m M, found bool) {
	for i := len(s.said) - 1; i >= 0; i-- {
		if m, found = s.said[i].Msg.(M); found {
			return m, true
		}
	}
	return m, false
}

func TestZ4_OneEpochIsAckedToOneLeaderOnly(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.meet(3, record.Voter)
	s.led(2, 5)
	ack, ok := last[*AckEpoch](s)
	require.True(t, ok)
	require.Equal(t, cell.Epoch(5), ack.Epoch)
	require.Equal(t, cell.ReplicaID(2), s.core.saved.AcceptedFrom)

	s.step(LinkDown{2, 2})
	s.pass(10 * lease.Second)
	s.said = nil
	s.led(3, 5)
	_, acked := last[*AckEpoch](s)
	require.False(t, acked, "epoch 5 is promised to replica 2")
	s.led(3, 6)
	_, acked = last[*AckEpoch](s)
	require.False(t, acked, "it rests first")
}

func TestZ4_TheSameEpochIsAckedAgainToTheSameLeader(t *testing.T) {
	c := soloConfig(3)
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom = 5, 2
	s := newSolo(t, c)
	s.meet(2, record.Voter)
	s.led(2, 5)
	ack, ok := last[*AckEpoch](s)
	require.True(t, ok)
	require.Equal(t, cell.Epoch(5), ack.Epoch)
}

func TestL9_AVoterKeepsItsPromise(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.meet(3, record.Voter)
	s.led(2, 5)
	s.hears(2, &Ping{Epoch: 5, Number: 9, Length: 600 * lease.Millisecond})
	pong, ok := last[*Pong](s)
	require.True(t, ok)
	require.True(t, pong.Promised)
	require.Equal(t, 600*lease.Millisecond, s.core.saved.LongestPromise, "on disk before it is answered (L3)")

	s.step(LinkDown{2, 2})
	s.said = nil
	s.pass(150 * lease.Millisecond)
	s.led(3, 6)
	_, acked := last[*AckEpoch](s)
	require.False(t, acked, "the promise lasts")
	s.pass(449 * lease.Millisecond)
	_, acked = last[*AckEpoch](s)
	require.False(t, acked, "the promise lasts")
	s.pass(lease.Millisecond)
	ack, acked := last[*AckEpoch](s)
	require.True(t, acked, "the promise has ended")
	require.Equal(t, cell.Epoch(6), ack.Epoch)
}

func TestL9_NoPongOutsideTheAcceptedEpoch(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.led(2, 5)
	s.hears(2, &Ping{Epoch: 4, Number: 1, Length: lease.Second})
	s.hears(2, &Ping{Epoch: 6, Number: 2, Length: lease.Second})
	_, ok := last[*Pong](s)
	require.False(t, ok)
}

func TestL3_ARestartedVoterWaitsForWhatItPromised(t *testing.T) {
	c := soloConfig(3)
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.LongestPromise = 5, 2, 2*lease.Second
	s := newSolo(t, c)
	s.meet(3, record.Voter)
	s.led(3, 6)
	_, acked := last[*AckEpoch](s)
	require.False(t, acked)
	s.pass(1999 * lease.Millisecond)
	_, acked = last[*AckEpoch](s)
	require.False(t, acked)
	s.pass(lease.Millisecond)
	_, acked = last[*AckEpoch](s)
	require.True(t, acked)
}

// The time that it takes to read a directory counts: nobody promised anything from it meanwhile.
func TestL3_ARestartedVoterWaitsSinceTheLifeBeforeWasOver(t *testing.T) {
	for since, wait := range map[lease.Instant]lease.Duration{
		0: 2 * lease.Second, soloStart: 2 * lease.Second, soloStart.Add(-500 * lease.Millisecond): 1500 * lease.Millisecond,
	} {
		c := soloConfig(3)
		c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.LongestPromise = 5, 2, 2*lease.Second
		c.Since = since
		s := newSolo(t, c)
		s.meet(3, record.Voter)
		s.led(3, 6)
		s.pass(wait - lease.Millisecond)
		_, acked := last[*AckEpoch](s)
		require.False(t, acked, "since %v", since)
		s.pass(lease.Millisecond)
		_, acked = last[*AckEpoch](s)
		require.True(t, acked, "since %v", since)
	}
}

func TestZ11_ADirectoryPutBackFromACopyIsRefused(t *testing.T) {
	c := soloConfig(3)
	c.Hard.Seen[0].Boot = 7
	s := newSolo(t, c)
	s.step(LinkUp{2, 2})
	s.hears(2, &Hello{ID: 2, Incarnation: 102, Boot: 6, Standing: record.Voter, Format: cell.Format})
	no, ok := last[*Refused](s)
	require.True(t, ok)
	require.Contains(t, no.Why, "put back from a copy")
	s.step(LinkUp{2, 3})
	s.step(Received{2, 3, &Hello{ID: 2, Incarnation: 102, Boot: 8, Standing: record.Voter, Format: cell.Format}})
	_, ok = last[*Welcome](s)
	require.True(t, ok)
	require.Equal(t, uint64(8), s.core.saved.Seen[0].Boot, "durable before it is welcomed")
}

// Who is told that its directory is a copy ends, and stays ended: each start counts, so that its
// counter would reach what the others have seen.
func TestZ11_ACopyThatWasRefusedNeverStartsAgain(t *testing.T) {
	c := soloConfig(3)
	s := newSolo(t, c)
	s.step(LinkUp{2, 2})
	s.hears(2, &Refused{Why: "seen at its 9. start", Copied: true})
	require.Contains(t, s.core.Dead(), "put back from a copy")
	saved := false
	for _, op := range s.disk {
		h, ok := op.(SaveHard)
		saved = saved || ok && h.Hard.Copied
	}
	require.True(t, saved)
	c.Hard.Copied = true
	require.Contains(t, newSolo(t, c).core.Dead(), "remove it and start this replica anew")
}

func TestZ11_AReplacedDirectoryIsRefusedAndANewcomerIsNot(t *testing.T) {
	c := soloConfig(3)
	bound := cell.Members{{ID: 1, Incarnation: 101}, {ID: 2, Incarnation: 202}, {ID: 3, Incarnation: 103}}
	r := record.Make(1, cell.MakeZxid(1, 1), record.Members, simMembers(bound))
	c.Hard.AcceptedEpoch, c.Hard.CurrentEpoch, c.Hard.Begun, c.Hard.ListCommitted = 1, 1, true, 1
	c.Log = record.Summary{First: 1, Last: r.Mark(), Epochs: []record.EpochEnd{{Epoch: 1, Last: r.Mark()}}}
	c.Lists = []List{{1, bound}}
	s := newSolo(t, c)
	s.step(LinkUp{2, 2})
	s.hears(2, &Hello{ID: 2, Incarnation: 102, Boot: 1, Standing: record.Voter, Format: cell.Format})
	no, ok := last[*Refused](s)
	require.True(t, ok)
	require.Contains(t, no.Why, "bound to another directory")
	s.said = nil
	s.step(LinkUp{2, 3})
	s.step(Received{2, 3, &Hello{ID: 2, Incarnation: 302, Boot: 1, Standing: record.Learner, Format: cell.Format}})
	_, ok = last[*Welcome](s)
	require.True(t, ok)
	require.False(t, s.core.hasVote(s.core.peer(2)), "a newcomer counts in nothing")
}

func TestZ11_WhoKnowsANewerListIsNotRefused(t *testing.T) {
	c := soloConfig(3)
	bound := cell.Members{{ID: 1, Incarnation: 101}, {ID: 2, Incarnation: 202}, {ID: 3, Incarnation: 103}}
	c.Lists = []List{{0, bound}}
	s := newSolo(t, c)
	s.step(LinkUp{2, 2})
	s.hears(2, &Hello{ID: 2, Incarnation: 102, Boot: 1, Standing: record.Voter, Format: cell.Format, List: 9})
	_, refused := last[*Refused](s)
	require.False(t, refused)
	require.False(t, s.core.hasVote(s.core.peer(2)))
}

func TestZ15_AnUncommittedListNeedsBothQuorums(t *testing.T) {
	c := soloConfig(3)
	c.Lists = []List{{0, c.Members}, {4, c.Members[:1]}}
	s := newSolo(t, c)
	require.Len(t, s.core.voters().Old, 3)
	require.False(t, s.core.quorumOf(true, func(*peer) bool { return false }), "alone in the new list only")
	s.core.lists.settle(4)
	require.Empty(t, s.core.voters().Old)
	require.True(t, s.core.quorumOf(true, func(*peer) bool { return false }))
}

func TestZ5_AGapCostsTheLink(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.led(2, 1)
	s.hears(2, &Diff{Epoch: 1})
	r := record.Make(2, cell.MakeZxid(1, 2), record.Normal, []byte("x"))
	s.hears(2, &Entries{Epoch: 1, Prev: record.Mark{Index: 1, Zxid: cell.MakeZxid(1, 1)}, Records: []record.Record{r}})
	require.Equal(t, uint64(0), s.core.Last().Index)
	require.Equal(t, uint64(0), s.core.peer(2).link.number, "dropped")
}

func TestZ12_APayloadThatDiffersFromItsSumIsNotLogged(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.led(2, 1)
	s.hears(2, &Diff{Epoch: 1})
	r := record.Make(1, cell.MakeZxid(1, 1), record.Normal, []byte("x"))
	r.Payload = []byte("y")
	s.hears(2, &Entries{Epoch: 1, Records: []record.Record{r}})
	require.Equal(t, uint64(0), s.core.Last().Index)
}

func TestZ16_AnUnknownKindStopsTheReplica(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.led(2, 1)
	s.hears(2, &Diff{Epoch: 1})
	s.hears(2, &Entries{Epoch: 1, Records: []record.Record{record.Make(1, cell.MakeZxid(1, 1), 77, []byte("x"))}})
	require.Contains(t, s.core.Dead(), "does not know")
}
