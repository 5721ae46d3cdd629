package world

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNetworkKeepsOrderAndLosesSuffixes: under cuts, resets and crashes, the frames of one link
// arrive in the order in which they were sent, without a gap, between its Up and its Down.
func TestNetworkKeepsOrderAndLosesSuffixes(t *testing.T) {
	delivered, late := 0, 0
	for seed := range uint64(100) {
		l := NewLoop(seed, nil)
		n := NewNetwork(l)
		sent, seen, up, down := map[uint64]uint64{}, map[uint64]uint64{}, map[uint64]bool{}, map[uint64]bool{}
		newest := uint64(0)
		n.Join(2, func(d Delivery) {
			switch d.What {
			case Up:
				require.False(t, up[d.Link])
				up[d.Link], newest = true, max(newest, d.Link)
			case Down:
				require.True(t, up[d.Link])
				down[d.Link] = true
			case Frame:
				require.True(t, up[d.Link] && !down[d.Link])
				require.Equal(t, seen[d.Link]+1, binary.LittleEndian.Uint64(d.Body))
				seen[d.Link]++
				delivered++
				if d.Link < newest {
					late++
				}
			}
		})
		open := uint64(0)
		n.Join(1, func(d Delivery) {
			switch d.What {
			case Up:
				open = d.Link
			case Down, Refused:
				n.Dial(1, 2, Protocol, 0)
			}
		})
		n.Dial(1, 2, Protocol, 0)
		faults(l, n, func() {
			if open != 0 {
				sent[open]++
				_ = n.Send(1, open, 1, binary.LittleEndian.AppendUint64(nil, sent[open]))
			}
		})
		for l.Next(20 * Second) {
		}
	}
	require.NotZero(t, delivered)
	require.NotZero(t, late, "no frame of an old link came after the Up of a newer one")
}

// faults sends, cuts, heals, resets and redials for ten seconds.
func faults(l *Loop, n *Network, send func()) {
	var tick func()
	tick = func() {
		switch d := l.Below(100); {
		case d < 4:
			n.Cut(1, 2)
		case d < 12:
			n.Heal(1, 2)
		case d < 14:
			for _, link := range n.Links() {
				n.Reset(link)
			}
		case d < 17:
			for _, link := range n.Links() {
				n.Close(1, link.n)
			}
			n.Dial(1, 2, Protocol, 0)
		default:
			send()
		}
		if l.Now() < 10*Second {
			l.After(l.Between(0, 2*Millisecond), tick)
		}
	}
	l.After(0, tick)
}
