package host_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// intruder speaks the protocol by hand, over a real connection, with a session of its own.
type intruder struct {
	t       *testing.T
	s       *conn.Stream
	epoch   cell.Epoch
	session cell.SessionID
}

func intrudes(t *testing.T, c *celltest.Cell) *intruder {
	t.Helper()
	i := knocks(t, c)
	say(t, i.s, &call.CreateSession{Key: cell.SessionKey{1}, Identity: "intruder", Epoch: i.epoch})
	i.session = hear(t, i.s).(*call.Created).Session
	return i
}

// knocks is intrudes without the session.
func knocks(t *testing.T, c *celltest.Cell) *intruder {
	t.Helper()
	member, ok := c.Members.Find(c.AwaitMaster())
	require.True(t, ok)
	i := &intruder{t: t, s: dialed(t, member.Client, conn.ForClients())}
	say(t, i.s, &call.Hello{Format: cell.Format})
	require.IsType(t, &call.Welcome{}, hear(t, i.s))
	say(t, i.s, &call.Locate{})
	i.epoch = hear(t, i.s).(*call.Located).Epoch
	return i
}

// refused says something, and is refused by code; then the stream is over, if it is to be.
func (i *intruder) refused(m call.Message, code error) {
	i.t.Helper()
	say(i.t, i.s, m)
	r := hear(i.t, i.s).(*call.Refused)
	require.Equal(i.t, cell.CodeOf(code), r.Code, r.Message)
}

// What is forged is refused, on a real cell: another's session, a handle that no master gave, a sequencer of
// no hold. Nothing has changed, and who was to be robbed of it notices nothing.
func TestB1_WhatIsForgedIsRefused(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs)
	s, ctx := session(t, c), t.Context()
	st, err := s.Create(ctx, "/ls/local/f", []byte("mine"))
	require.NoError(t, err)
	hold, err := s.Lock(ctx, "/ls/local/f")
	require.NoError(t, err)

	i := intrudes(t, c)
	i.refused(&call.Attach{Session: s.ID(), Key: cell.SessionKey{1}, Epoch: i.epoch, Stream: 1 << 40}, cell.ErrDenied)
	i.refused(&call.Call{Epoch: i.epoch, Number: 1, Op: &call.Write{Name: "/ls/local/f", Instance: st.Instance},
		Handle: &call.Handle{Mode: call.HandleWrites, Epoch: i.epoch}}, cell.ErrProtocol)
	_, _, err = i.s.Recv()
	require.Error(t, err, "the stream is over")
	require.Equal(t, 1, j.count("a handle that was not given for this"))

	forged := hold.Sequencer()
	forged.Grant += 1 << 32
	_, err = s.Write(ctx, "/ls/local/f", []byte("stolen"), client.IfHeld(forged))
	require.ErrorIs(t, err, cell.ErrStaleSequencer)
	f, err := s.Read(ctx, "/ls/local/f")
	require.NoError(t, err)
	require.Equal(t, "mine", string(f.Contents))
	require.NoError(t, hold.Context().Err())
	require.NoError(t, hold.Unlock(ctx))
}

// Who has no session has nothing large to say, and is not listened to if he does; with one, created or
// attached to on another stream, he may.
func TestB1_WhoHasNoSessionSaysNothingLarge(t *testing.T) {
	c := celltest.Start(t, 1)
	large := &call.Call{Number: 1, Op: &call.Write{Name: "/ls/local/f", Contents: make([]byte, 64<<10), OrCreate: true}}
	stranger := knocks(t, c)
	large.Epoch = stranger.epoch
	say(t, stranger.s, large)
	_, _, err := stranger.s.Recv()
	require.ErrorIs(t, err, conn.ErrHungUp)

	created := intrudes(t, c)
	say(t, created.s, large)
	require.Zero(t, hear(t, created.s).(*call.CallReply).Result.Code)

	attached := knocks(t, c)
	say(t, attached.s, &call.Attach{Session: created.session, Key: cell.SessionKey{1}, Epoch: created.epoch, Stream: 2})
	require.IsType(t, &call.Attached{}, hear(t, attached.s))
	large.Number++
	say(t, attached.s, large)
	require.Zero(t, hear(t, attached.s).(*call.CallReply).Result.Code)
}
