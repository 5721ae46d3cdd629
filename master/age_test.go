package master

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// Masters follow one another more often than the time-to-live is long: it ends all the same.
func TestC11_ATimeToLiveIsNotBegunAnewByEachMaster(t *testing.T) {
	r := newRig(t)
	a := r.open("a")
	a.must(mortal("/ls/x/t", 60*lease.Second))
	lived := lease.Duration(0)
	for r.has("/ls/x/t") {
		r.failOver()
		r.step()
		r.pass(9 * lease.Second)
		lived += 9 * lease.Second
		require.Less(t, lived, 80*lease.Second, "each master counts at least eight of its nine seconds")
	}
	require.GreaterOrEqual(t, lived, 60*lease.Second)
}

// A log that takes its time stops the age at what it has said: what changes meanwhile keeps that.
func TestC11_TheAgeWaitsForTheLog(t *testing.T) {
	r := newRig(t)
	a := r.open("a")
	a.must(mortal("/ls/x/t", 10*lease.Second))
	r.keepLog = true
	r.pass(20 * lease.Second)
	require.Equal(t, r.tree.Age().Upto, r.m.perishing.age.now)
	for _, p := range r.waiting {
		_, end := p.Txn.Op.(*tree.Perish)
		require.False(t, end)
	}
	r.keepLog = false
	r.step()
	require.True(t, r.has("/ls/x/t"))
	r.pass(10 * lease.Second)
	require.False(t, r.has("/ls/x/t"))
}

func mortals(i int) cell.Name { return cell.Name(fmt.Sprint("/ls/x/", i)) }

// With changes, masters and logs that come whenever they like, no node goes before its time has passed
// since its last change, and none stays for more than twice that, and what the log lost.
func TestC11_ATimeToLiveEndsLateNeverEarly(t *testing.T) {
	const nodes = 4
	for seed := range uint64(100) {
		dice := rand.New(rand.NewPCG(seed, 5))
		r := newRig(t)
		r.unchecked = true
		var changed [nodes]lease.Instant
		var ttl [nodes]lease.Duration
		look := func() {
			for i := range nodes {
				if changed[i] != 0 && !r.has(mortals(i)) {
					require.GreaterOrEqual(t, r.at.Now.Sub(changed[i]), ttl[i], "seed %d: %s went early", seed, mortals(i))
					changed[i] = 0
				}
			}
		}
		for n := range 150 {
			i, a := dice.IntN(nodes), r.open(fmt.Sprint("a", n))
			switch d := dice.IntN(10); {
			case d < 2 && changed[i] == 0:
				ttl[i] = lease.Duration(1+dice.IntN(30_000)) * lease.Millisecond
				a.must(mortal(string(mortals(i)), ttl[i]))
				changed[i] = r.at.Now
			case d < 3 && changed[i] != 0:
				a.must(put(mortals(i), "again"))
				changed[i] = r.at.Now
			case d == 3:
				r.failOver()
				r.step()
				r.pass(lease.Duration(r.tree.Granted().CacheLease) + 1) // else changes wait (C5)
			default:
				r.at.Now = r.at.Now.Add(lease.Duration(dice.IntN(400)) * lease.Millisecond) // it rests
				r.pass(lease.Duration(dice.IntN(3_000)) * lease.Millisecond)
			}
			look()
		}
		r.pass(70 * lease.Second)
		look()
		require.Zero(t, changed, "seed %d: some stay", seed)
	}
}
