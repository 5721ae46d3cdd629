package replica

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// A replica that dies in Apply says at which transaction, so that its host can keep it from coming there
// again; nothing is answered any more.
func TestB5_ADeathInApplyNamesTheTransaction(t *testing.T) {
	g := born(t, 3)
	f := g.follower()
	next := f.r.Tree().Mark()
	next.Index += 5 // a broken invariant: a gap
	f.eff.Reset()
	f.r.apply(Moment{Now: g.now}, record.Make(next.Index, next.Zxid+5, record.Normal, nil), &f.eff)
	require.Equal(t, next.Zxid+5, f.eff.Died.At)
	require.Contains(t, f.eff.Died.Why, "applying transaction "+(next.Zxid+5).String()+": invariant broken")
	require.Equal(t, f.eff.Died.Why, f.eff.Fatal)
	f.eff.Reset()
	f.r.Step(Moment{Now: g.now}, []Input{zab.Free{Bytes: 1}}, &f.eff)
	require.NotEmpty(t, f.eff.Fatal, "it has ended")
	require.Equal(t, Death{}, f.eff.Died, "said once")
}
