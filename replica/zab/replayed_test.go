package zab

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// overheard is a message that went from one replica to another, and in which epoch its sender was.
type overheard struct {
	from, to *node
	epoch    cell.Epoch
	msg      Message
}

// standing is what a replica has promised, and has on disk.
func (n *node) standing() string {
	h, c := n.core.hard, n.core
	return fmt.Sprintf("accepted %d from %d, current %d, log %v to %v of %v, committed %d, delivered %v",
		h.AcceptedEpoch, h.AcceptedFrom, h.CurrentEpoch, c.log.first, c.log.last, c.log.epochs, c.commit, c.delivered)
}

// masterOf waits until one leads in an epoch above e, and everybody follows.
func (w *world) masterOf(e cell.Epoch) *node {
	for range 1000 {
		w.run(20 * lease.Millisecond)
		for _, n := range w.nodes {
			if n.core.role == leads && n.app.leads > e && w.served(0) == "" {
				return n
			}
		}
	}
	w.fail("nobody leads above epoch %d", e)
	return nil
}

// TestB1_FramesOfAnOlderEpochChangeNothing: what was said between replicas in one epoch is said again in the
// next, to whom it was said, in its order: all of it on new links, whose other end says to be who said it, and
// one kind after the other on the links as they are. Nobody promises, logs or commits anything for it,
// and no lease is longer; and the cell goes on.
func TestB1_FramesOfAnOlderEpochChangeNothing(t *testing.T) {
	said := map[string]int{}
	leads := map[bool]int{} // in the new epoch too
	for seed := int64(1); seed <= 12; seed++ {
		w := newWorld(t, seed, 3+2*int(seed%2), 1<<30)
		var tape []overheard
		kinds := map[string][]overheard{}
		w.tap = func(from, to *node, m Message) {
			x := overheard{from, to, from.core.hard.AcceptedEpoch, m}
			kind := fmt.Sprintf("%T", m)
			tape, kinds[kind] = append(tape, x), append(kinds[kind], x)
		}
		w.start()
		w.after(100*lease.Millisecond, w.load)
		w.run(100 * lease.Millisecond)
		old := w.masterOf(0)
		w.run(300 * lease.Millisecond)
		before := old.app.leads
		w.depose(old, seed%3 > 0)
		fresh := w.masterOf(before)
		leads[fresh == old]++
		w.tap = nil
		again := func(what string, tape []overheard, anew bool) {
			w.replay(tape, fresh.app.leads, anew)
			for mark, n := len(w.check.history), 0; len(w.check.history) == mark; n++ {
				if n == 100 {
					w.fail("it does not go on after %s", what)
				}
				w.run(100 * lease.Millisecond)
			}
			w.masterOf(0)
		}
		for _, m := range []Message{&FollowerInfo{}, &NewEpoch{}, &AckEpoch{}, &Diff{}, &Entries{}, &NewLeader{},
			&AckNewLeader{}, &UpToDate{}, &Ack{}, &Commit{}, &Ping{}, &Pong{}, &Release{}, &Status{}, &Hello{}} {
			kind := fmt.Sprintf("%T", m)
			said[kind] += len(kinds[kind])
			again(kind, kinds[kind], false)
		}
		again("all", tape, true)
	}
	require.Len(t, leads, 2)
	for kind, n := range said {
		require.Positive(t, n, kind)
	}
}

// depose ends a mastership: another follows it or, when all start anew and it has heard most, itself.
func (w *world) depose(master *node, all bool) {
	if !all {
		master.step(Resign{"asked to"})
		return
	}
	for _, n := range w.nodes {
		n.crash()
		w.after(20*lease.Millisecond, n.start)
	}
	w.run(50 * lease.Millisecond)
}

// replay says everything of before an epoch again, at one instant.
func (w *world) replay(tape []overheard, before cell.Epoch, anew bool) {
	w.check.replays = true
	defer func() { w.check.replays = false }()
	leases := map[*node]lease.Instant{}
	for _, n := range w.nodes {
		leases[n] = n.core.Lease(n.clock())
	}
	links := map[*pipe]uint64{}
	for _, p := range w.pipes() {
		if links[p] = p.number; anew {
			w.linkNo++
			links[p], p.number = w.linkNo, 0 // what is answered arrives nowhere
			p.a.step(LinkUp{p.b.id, w.linkNo})
			p.b.step(LinkUp{p.a.id, w.linkNo})
		}
	}
	for _, x := range tape {
		if x.epoch >= before {
			continue
		}
		had := x.to.standing()
		x.to.step(Received{x.from.id, links[w.pipe(x.from.i, x.to.i)], x.msg})
		require.Equal(w.t, had, x.to.standing(), "seed %d, anew %t: r%d heard %s of r%d again", w.seed, anew, x.to.id,
			brief(x.msg), x.from.id)
		require.LessOrEqual(w.t, x.to.core.Lease(x.to.clock()), leases[x.to], "seed %d: a lease by %s", w.seed, brief(x.msg))
	}
	for p, number := range links {
		if anew {
			p.a.step(LinkDown{p.b.id, number})
			p.b.step(LinkDown{p.a.id, number})
		}
	}
}
