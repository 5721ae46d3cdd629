package master

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// TestB5_NothingFromOutsideTripsAnAssertion sends messages of every type, with fields drawn from
// few values so that they often fit together and as often do not, on a few streams, in any
// order, with commits, time, lost leases and fail-overs between them. The machine's assertions
// and the tree's own check are the test; after it an honest client is served.
func TestB5_NothingFromOutsideTripsAnAssertion(t *testing.T) {
	served := 0
	for seed := range uint64(200) {
		r := newRig(t)
		h := hostile{rnd: rand.New(rand.NewPCG(seed, 1)), rig: r}
		r.keepLog, r.streams = true, 100
		for range 1000 {
			h.act()
		}
		r.keepLog, r.noLease = false, false
		r.step()
		r.pass(200 * lease.Second) // stalls have made the leases longer
		c := r.open("honest")
		c.must(create("/ls/x/honest"))
		for _, s := range r.sent {
			if m, ok := s.Msg.(*call.CallReply); ok && m.Result.Code == 0 {
				served++
			}
		}
		if len(r.tree.Sessions()) > 1 {
			t.Fatalf("seed %d: sessions are left over: %v\n%v", seed, r.tree.Sessions(), r.tree)
		}
	}
	require.Greater(t, served, 1000, "the messages must fit together often enough to mean anything")
}

type hostile struct {
	*rig
	rnd *rand.Rand
}

func (h *hostile) n(most int) uint64 { return uint64(h.rnd.IntN(most)) }

func (h *hostile) one(of ...int) int { return of[h.rnd.IntN(len(of))] }

func (h *hostile) name() cell.Name {
	return []cell.Name{"/ls/x", "/ls/x/a", "/ls/x/a/b", "/ls/x/e", "/ls/y", "/ls/y/a"}[h.rnd.IntN(6)]
}

func (h *hostile) key() cell.SessionKey {
	return cell.SessionKey{byte(h.one(0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4))}
}

func (h *hostile) session() cell.SessionID {
	if all := h.tree.Sessions(); len(all) > 0 && h.rnd.IntN(8) > 0 {
		return all[h.rnd.IntN(len(all))]
	}
	return cell.SessionID(h.n(3))
}

func (h *hostile) epoch() cell.Epoch {
	if h.rnd.IntN(10) == 0 {
		return cell.Epoch(h.n(4))
	}
	return h.rig.epoch
}

func (h *hostile) act() {
	for _, c := range h.closed { // the host ends them, and a new one comes in its place
		h.once(StreamDown{c.Stream})
	}
	h.closed = nil
	switch n := h.rnd.IntN(100); {
	case n < 60:
		h.once(Message{Stream: 1 + h.n(6), Address: "z", Msg: h.message()})
	case n < 82:
		if len(h.waiting) > 0 {
			h.once(h.commit())
		}
	case n < 92:
		h.at.Now = h.at.Now.Add(lease.Duration(h.one(0, 1, 10, 100, 1000, 5000)) * lease.Millisecond)
		h.at.Late = lease.Duration(h.one(0, 0, 0, 50, 150, 3000)) * lease.Millisecond
		h.once()
	case n < 95:
		h.noLease = !h.noLease && h.rnd.IntN(3) == 0
	case n < 98:
		h.once(StreamDown{1 + h.n(6)})
	case n < 99:
		h.once(Bind{h.tree.Members()})
	default:
		h.noLease = false
		h.failOver()
	}
}

func (h *hostile) message() call.Message {
	switch h.rnd.IntN(60) {
	case 0, 15, 16, 17, 18, 19:
		return &call.CreateSession{Key: h.key(), Identity: "h", Epoch: h.epoch()}
	case 1, 2:
		return h.attach()
	case 3, 20, 21, 22:
		return &call.KeepAlive{Number: 1 + h.n(9), Epoch: h.epoch(), Stream: h.n(9), Acked: h.n(9), Flushed: h.n(4)}
	case 4:
		return &call.Flushed{Epoch: h.epoch(), Stream: h.n(9), Seq: h.n(4), Incarnation: h.n(2)<<32 + h.n(20)}
	case 5, 6, 7, 8, 9, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36:
		number := 1 + h.n(4) + h.lastCall()
		return &call.Call{Epoch: h.epoch(), Number: number, Acked: h.n(int(number)), Op: h.op()}
	case 10, 11, 12, 13, 14, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48:
		return &call.Query{Epoch: h.epoch(), Number: h.n(9), Ask: h.ask()}
	}
	if h.n(12) > 0 {
		return h.attach()
	}
	no := []call.Message{&call.Hello{}, &call.Welcome{}, &call.Granted{}, &call.Events{}, &call.Ended{}}
	return no[h.rnd.IntN(len(no))]
}

// lastCall is near the numbers that some session has come to.
func (h *hostile) lastCall() uint64 {
	v, _ := h.tree.Session(h.session())
	return v.LastCall - min(v.LastCall, h.n(2))
}

func (h *hostile) attach() call.Message {
	id, key := h.session(), h.key()
	if v, ok := h.tree.Session(id); ok && h.n(8) > 0 {
		for key = (cell.SessionKey{1}); sha256.Sum256(key[:]) != v.KeyHash && key[0] < 9; {
			key[0]++
		}
	}
	return &call.Attach{Session: id, Key: key, Epoch: h.epoch(), Stream: h.n(2000)}
}

func (h *hostile) op() call.Op {
	instance := uint64(h.one(0, 0, 0, 1, 1<<32+2))
	switch h.rnd.IntN(8) {
	case 0, 1:
		return &call.Create{Name: string(h.name()) + fmt.Sprint(h.n(3)), Ephemeral: h.n(2) == 0,
			Sequential: h.n(4) == 0, Parents: h.n(2) == 0}
	case 2, 3:
		return &call.Write{Name: h.name(), OrCreate: h.n(2) == 0, Parents: h.n(2) == 0, Instance: instance,
			IfHeld: h.proof()}
	case 4:
		return &call.Delete{Name: h.name(), Instance: instance, IfHeld: h.proof()}
	case 5:
		return &call.Acquire{Name: h.name(), Mode: cell.Mode(h.one(0, 1, 1, 2, 2, 2)),
			Wait: h.n(2) == 0, Create: h.n(2) == 0,
			Delay: int64(h.one(-1, 0, int(lease.Second))), Instance: instance}
	case 6:
		if holds := h.tree.Holds(h.session()); len(holds) > 0 {
			return &call.Release{Name: holds[0].Name, Hold: holds[0].Hold}
		}
		return &call.Release{Name: h.name(), Hold: h.n(9)}
	}
	if h.n(4) == 0 {
		return &call.CloseSession{}
	}
	return &call.Delete{Name: h.name()}
}

func (h *hostile) proof() *cell.Sequencer {
	if h.n(4) > 0 {
		return nil
	}
	return &cell.Sequencer{Mode: cell.Mode(h.one(0, 1, 1, 2, 2, 2)), Grant: h.n(3), Hold: h.n(3), Name: h.name()}
}

func (h *hostile) ask() call.Ask {
	switch h.rnd.IntN(8) {
	case 0, 1:
		return &call.Read{Name: h.name(), Cache: h.n(2) == 0, Instance: h.n(2)}
	case 2:
		return &call.List{Name: h.name(), Cache: true, Names: h.n(2) == 0, Most: h.one(-1, 0, 0, 0, 1, 2)}
	case 3:
		return &call.Locks{Prefix: h.name(), One: h.n(2) == 0, After: h.name(), Told: uint64(h.n(4))}
	case 4:
		return &call.Sessions{ID: h.session(), After: h.session(), Told: uint64(h.n(4))}
	case 5:
		return &call.Watch{ID: uint64(h.one(0, 1, 1, 2, 2, 3, 3)), Name: h.name(), Children: h.n(2) == 0,
			Recursive: h.n(2) == 0,
			From:      cell.MakeZxid(cell.Epoch(h.n(3)), uint32(h.n(30)))}
	case 6:
		return &call.Unwatch{ID: uint64(h.one(0, 1, 1, 2, 2, 3, 3))}
	}
	return &call.StatusAsk{}
}
