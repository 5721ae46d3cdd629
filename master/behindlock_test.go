package master

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// C1, C9: the answer to an acquire that waits behind events tells of the lock as it is when it leaves: what
// came of it meanwhile has been told to a client that knew nothing of the acquire.
func TestC1_AnAnswerThatWaitedTellsOfTheLockAsItIs(t *testing.T) {
	for _, x := range []struct {
		what string
		held bool // at first
		then func(got call.HoldState) call.Op
		want func(t *testing.T, a call.Result)
	}{
		{"broken", true, func(got call.HoldState) call.Op {
			return &call.Break{Name: got.Name, Token: got.Sequencer.Grant}
		}, func(t *testing.T, a call.Result) { require.True(t, a.Acquired.Loss.Taken()) }},
		{"deleted", false, func(got call.HoldState) call.Op {
			return &call.Delete{Name: got.Name}
		}, func(t *testing.T, a call.Result) { require.Equal(t, cell.CodeOf(cell.ErrStaleHandle), a.Code) }},
	} {
		r := newRig(t)
		r.unchecked = true
		w, c := r.open("w"), r.open("c")
		w.must(create("/ls/x/many"))
		for i := range 8 * piecesPerStep {
			w.must(&call.Create{Name: fmt.Sprintf("/ls/x/many/%02d", i), Contents: make([]byte, pieceBytes)})
		}
		w.must(create("/ls/x/l"))
		if !x.held {
			w.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive})
		}
		r.once(c.query(&call.Watch{ID: 1, Name: "/ls/x/many", Recursive: true}),
			c.mutation(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Wait: true}))
		r.at.Now = r.at.Now.Add(lingersFor) // one that only queues waits for company
		r.once()
		landed := r.commit()
		r.once(landed, w.mutation(x.then(r.tree.Holds(c.id)[0])))
		_, ok := c.replyTo(1)
		require.False(t, ok, "it waits behind the events")
		r.once(r.commit())
		r.step()
		a, ok := c.replyTo(1)
		require.True(t, ok)
		x.want(t, a.Result)
	}
}
