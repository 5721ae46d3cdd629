package session

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

const length = 12 * lease.Second

func at(s float64) lease.Instant { return lease.Instant(s * float64(lease.Second)) }

func TestL5_NobodyExpiresBeforeTheLeaseIsOver(t *testing.T) {
	tb := NewTable(length)
	for id := range cell.SessionID(5) {
		tb.Add(at(0), id+1)
	}
	tb.Alive(at(3), mustGet(t, tb, 2))
	require.Empty(t, tb.Expired(at(12)-1, 10))
	require.Equal(t, []cell.SessionID{1, 3, 4}, tb.Expired(at(12), 3), "bounded")
	require.Equal(t, []cell.SessionID{5}, tb.Expired(at(12), 3))
	require.Len(t, tb.Silent(at(12), 9), 1, "the one that is left")
	require.Equal(t, at(15), tb.Wake())
	require.True(t, mustGet(t, tb, 1).Ending)
}

func TestL7_TimeIsExcusedOnce(t *testing.T) {
	tb := NewTable(length)
	tb.Add(at(0), 1)
	tb.Excuse(at(5), at(8)) // late by 3 s
	tb.Excuse(at(6), at(8)) // and without a lease for two of them
	require.Empty(t, tb.Expired(at(15)-1, 9))
	require.Len(t, tb.Expired(at(15), 9), 1)
}

func TestL7_NobodyExpiresInTheSecondAfter(t *testing.T) {
	tb := NewTable(length)
	tb.Add(at(0), 1)
	tb.Excuse(at(11.9), at(12))
	require.Empty(t, tb.Expired(at(13)-1, 9), "though its lease is over at 12.1")
	require.Len(t, tb.Silent(at(12), 9), 1)
	require.Equal(t, at(13), tb.Wake())
	require.Len(t, tb.Expired(at(13), 9), 1)
}

func TestL1_TheAnswerSaysHowLongItWasParked(t *testing.T) {
	tb := NewTable(length)
	l := tb.Add(at(0), 1)
	tb.Attach(at(0), l, 7, 1)
	tb.Park(at(1), l, 1, lease.Never)
	got, ok := tb.Due(at(1))
	require.True(t, ok, "the first of a stream is answered at once")
	number, parked, granted := tb.Grant(at(1), got)
	require.Equal(t, []any{uint64(1), lease.Duration(0), length}, []any{number, parked, granted})
	tb.Park(at(2), l, 2, lease.Never)
	tb.Park(at(3), l, 3, lease.Never)
	half := at(7) // of the lease is over; answered with others a little earlier, never later
	_, ok = tb.Due(half - lease.Instant(length/64))
	require.False(t, ok)
	_, ok = tb.Due(half)
	require.True(t, ok)
	number, parked, _ = tb.Grant(at(7), l)
	require.EqualValues(t, 3, number)
	require.Equal(t, 4*lease.Second, parked)
	require.Equal(t, length, tb.Left(at(7), 1))
	tb.Park(at(8), l, 4, at(9))
	tb.Park(at(8.5), l, 2, lease.Never) // overtaken
	_, ok = tb.Due(at(9))
	require.True(t, ok, "a cache lease needs it earlier")
}

func TestL5_WhoseEndIsProposedStaysParked(t *testing.T) {
	tb := NewTable(length)
	l := tb.Add(at(0), 1)
	require.Len(t, tb.Expired(at(12), 1), 1)
	tb.Park(at(12), l, 1, lease.Never)
	_, ok := tb.Due(at(20))
	require.False(t, ok)
	tb.Spare(at(20), l, lease.Never)
	_, ok = tb.Due(at(20))
	require.True(t, ok)
	require.Equal(t, length, tb.Left(at(20), 1))
}

func TestC10_ANewStreamLetsTheOldOnesKeepAliveGo(t *testing.T) {
	tb := NewTable(length)
	l := tb.Add(at(0), 1)
	tb.Park(at(0), l, 1, lease.Never)
	tb.Attach(at(12), l, 8, 2)
	_, ok := tb.Due(at(11))
	require.False(t, ok)
	tb.Park(at(1), l, 1, lease.Never)
	tb.Detach(at(12), l)
	_, ok = tb.Due(at(11))
	require.False(t, ok)
	require.Len(t, tb.Expired(at(12), 1), 1)
	tb.Remove(1)
	require.Zero(t, tb.Len())
	require.Equal(t, lease.Never, tb.Wake())
}

func mustGet(t *testing.T, tb *Table, id cell.SessionID) *Live {
	l, ok := tb.Get(id)
	require.True(t, ok)
	return l
}

func TestC7_CallNumbersAreTakenInOrder(t *testing.T) {
	var c Calls
	require.Equal(t, Fresh, c.Judge(5, 0, 3), "a new stream begins where the client says")
	c.Take(5)
	require.Equal(t, Flying, c.Judge(5, 0, 3))
	require.Equal(t, Old, c.Judge(4, 0, 3), "below one on its way")
	require.Equal(t, Old, c.Judge(3, 0, 3))
	require.Equal(t, Gap, c.Judge(7, 0, 3))
	require.Equal(t, Fresh, c.Judge(6, 0, 3))
	c.SendAgain(6) // turned away
	require.Equal(t, Gap, c.Judge(7, 0, 3))
	c.Take(6)
	c.Answered(5)
	require.Equal(t, 1, c.InFlight())
	require.Equal(t, Old, c.Judge(5, 0, 5))
	c.Rejoin()
	require.Equal(t, Flying, c.Judge(6, 0, 5))
	require.Equal(t, Fresh, c.Judge(9, 0, 5))
	c.Answered(6)
	c.Refused(6)
	require.Equal(t, Fresh, c.Judge(6, 5, 5), "refused at the gate, and its reply was lost")
	require.Equal(t, Unheard, c.Judge(7, 5, 5))
	require.Equal(t, Fresh, c.Judge(7, 6, 5))
	c.Take(6)
	require.Equal(t, Fresh, c.Judge(7, 5, 5))
}

// L6: half of its lease without a parked KeepAlive makes a session silent; from then on it is granted
// nothing until it is known to be heard again.
func TestL6_HalfALeaseWithoutAKeepAliveIsSilence(t *testing.T) {
	tb := NewTable(length)
	l, other := tb.Add(at(0), 1), tb.Add(at(0), 2)
	tb.Attach(at(0), l, 7, 1)
	tb.Park(at(0), l, 1, lease.Never)
	tb.Park(at(1), other, 1, lease.Never)
	tb.Grant(at(0), l)
	require.Empty(t, tb.Silent(at(6)-1, 9))
	require.Equal(t, []Silence{{1, 6 * lease.Second}}, tb.Silent(at(6), 9), "with the rest of its lease")
	tb.Park(at(7), l, 2, 0)
	got, ok := tb.Due(at(7))
	require.True(t, ok)
	require.Same(t, other, got, "who is silent is granted nothing")
	require.True(t, tb.Spoke(l))
	require.False(t, tb.Spoke(l), "said once")
	tb.Heard(at(8), l, false)
	require.True(t, tb.Spoke(l), "that came to nothing")
	tb.Heard(at(9), l, true)
	tb.Reconsider(l, 0)
	got, ok = tb.Due(at(9))
	require.True(t, ok)
	require.Same(t, l, got)
}
