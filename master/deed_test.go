package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// What the master refuses is noted with who asked, once; what is only to be sent again is not, and without
// an audit nothing is.
func TestWhatIsRefusedIsNoted(t *testing.T) {
	r := newRigWith(t, paced(func(l *cell.Limits) { l.SessionRate = 5 }))
	a := r.open("a")
	_, ok := a.call(put("/ls/x/none", "v"))
	require.True(t, ok)
	require.Empty(t, r.deeds)

	r.m.audits = true
	_, ok = a.call(put("/ls/x/none", "v"))
	require.True(t, ok)
	require.Len(t, r.deeds, 1)
	d := r.deeds[0]
	require.Equal(t, []string{"write", "/ls/x/none", "a", "a:9"}, []string{d.Op, d.Name, d.Identity, d.Address})
	require.Equal(t, cell.CodeOf(cell.ErrNotFound), d.Code)
	require.Equal(t, a.id, d.Session)
	require.EqualValues(t, 2, d.Call)
	require.False(t, d.Applied)
	require.Positive(t, d.Zxid)

	thief := Message{Stream: r.stream(), Address: "thief:1", Principal: "spiffe://thief",
		Msg: &call.Attach{Session: a.id, Key: cell.SessionKey{9}, Epoch: r.epoch, Stream: 9}}
	r.step(thief)
	require.Len(t, r.deeds, 2)
	require.Equal(t, []string{"attach", "spiffe://thief", "thief:1", "denied"},
		[]string{r.deeds[1].Op, r.deeds[1].Principal, r.deeds[1].Address, r.deeds[1].Code.String()})

	a.flood(100)
	_, ok = a.call(put("/ls/x/none", "v"))
	require.True(t, ok)
	require.Len(t, r.deeds, 2)

	b := r.open("b")
	b.ask(&call.StepDown{Epoch: r.epoch})
	require.Len(t, r.deeds, 3)
	require.Equal(t, "step_down", r.deeds[2].Op)
}
