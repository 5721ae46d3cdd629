package client_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// B1: through handles and by name, with proofs and generations, as events; and who loses a right meets
// ErrDenied at once, where it opens and where it uses what was opened before.
func TestB1_RightsThroughTheClient(t *testing.T) {
	c := celltest.Start(t, 1)
	cl, s := open(t, c)
	ctx := limited(t)
	const name = "/ls/local/doc"
	hold, err := s.Lock(ctx, name)
	require.NoError(t, err)
	plain, err := s.Open(ctx, name)
	require.NoError(t, err)
	_, err = plain.SetACL(ctx, cell.ACL{Write: "ops"})
	require.ErrorIs(t, err, cell.ErrUsage)
	h, err := s.Open(ctx, name, client.ForACL(), client.ForWrite(), client.ForLock())
	require.NoError(t, err)
	st, err := h.SetACL(ctx, cell.ACL{Write: "ops"}, client.IfGeneration(1), client.IfHeld(hold.Sequencer()))
	require.NoError(t, err)
	require.Equal(t, uint64(2), st.ACLGeneration)
	_, err = h.SetACL(ctx, cell.ACL{Write: "ops"}, client.IfGeneration(1))
	require.ErrorIs(t, err, cell.ErrGeneration)
	_, err = s.SetACL(ctx, name, cell.ACL{})
	require.ErrorIs(t, err, cell.ErrUsage)
	_, err = s.SetACL(ctx, name, cell.ACL{Write: "ops"}, client.OrCreate())
	require.ErrorIs(t, err, cell.ErrUsage)
	r, err := cl.Rights(ctx, name, "")
	require.NoError(t, err)
	require.Equal(t, cell.ACL{Read: cell.Everybody, Write: "ops", Change: cell.Administrators}, r.ACL)
	require.Equal(t, cell.MayRead|cell.MayWrite|cell.MayChange|cell.MayAdminister, r.May)
	r, err = cl.Rights(ctx, name, "somebody")
	require.NoError(t, err)
	require.Equal(t, cell.MayRead, r.May)

	var kinds []client.EventKind
	for e, err := range s.Watch(ctx, name) {
		require.NoError(t, err)
		kinds = append(kinds, e.Kind)
		if e.Kind == client.EventSynced {
			_, err := s.SetACL(ctx, name, cell.ACL{Change: cell.Everybody})
			require.NoError(t, err)
		}
		if e.Kind == client.EventACL {
			require.Equal(t, uint64(3), e.Stat.ACLGeneration)
			break
		}
	}
	require.Equal(t, []client.EventKind{client.EventCurrent, client.EventSynced, client.EventACL}, kinds)

	_, err = s.Create(ctx, "/ls/local/acl/admin", []byte("boss"), client.Parents())
	require.NoError(t, err)
	_, err = h.Write(ctx, []byte("two"))
	require.ErrorIs(t, err, cell.ErrDenied)
	_, err = s.Open(ctx, name, client.ForWrite())
	require.ErrorIs(t, err, cell.ErrDenied)
	_, err = s.Open(ctx, name, client.ForLock())
	require.ErrorIs(t, err, cell.ErrDenied)
	_, err = s.TryLock(ctx, name, client.Shared())
	require.ErrorIs(t, err, cell.ErrDenied)
	_, err = s.Open(ctx, name, client.ForACL())
	require.NoError(t, err)
	require.NoError(t, hold.Unlock(ctx), "what one has is given back all the same")
	_, err = s.SetACL(ctx, name, cell.ACL{Read: "ops", Change: "ops"})
	require.NoError(t, err)
	_, err = h.Read(ctx)
	require.ErrorIs(t, err, cell.ErrDenied)
	for _, err := range s.Watch(ctx, name) {
		require.ErrorIs(t, err, cell.ErrDenied)
	}
	_, err = cl.Rights(ctx, name, "")
	require.ErrorIs(t, err, cell.ErrDenied)
}

// B1: a node has the ACLs that its maker names, and else its parent's.
func TestB1_AMakerNamesTheACLs(t *testing.T) {
	c := celltest.Start(t, 1)
	cl, s := open(t, c)
	ctx := limited(t)
	own := client.WithACL(cell.ACL{Read: "ops"})
	_, err := s.Open(ctx, "/ls/local/own", client.MustCreate([]byte("a"), own))
	require.NoError(t, err)
	_, err = s.Write(ctx, "/ls/local/owned", []byte("a"), client.OrCreate(own))
	require.NoError(t, err)
	for _, name := range []string{"/ls/local/own", "/ls/local/owned"} {
		r, err := cl.Rights(ctx, name, "somebody")
		require.NoError(t, err)
		require.Equal(t, cell.ACL{Read: "ops", Write: cell.Everybody, Change: cell.Administrators}, r.ACL)
	}
	_, err = s.Create(ctx, "/ls/local/wrong", nil, client.WithACL(cell.ACL{Read: "a/b"}))
	require.ErrorIs(t, err, cell.ErrUsage)
}
