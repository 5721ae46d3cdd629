package session

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// model is a small cell around one machine: two replicas, one of them master, links that delay
// and break, calls that are refused before they are proposed. What is applied survives masters.
type model struct {
	t   *rapid.T
	m   *Machine
	now lease.Instant
	out Out

	links  map[uint64]*modelLink
	epoch  cell.Epoch
	master cell.ReplicaID
	wild   bool // links break and calls are refused

	session cell.SessionID
	stream  uint64         // the newest Attach
	current uint64         // its link
	next    uint64         // the gate's: 0 any, else no number above it
	last    uint64         // the last number applied
	bytes   map[uint64]int // that those may take
	records map[uint64]call.Result
	applied []uint64 // IDs of writes, in order
	holds   []call.HoldState
	granted lease.Instant // until when the session was ever promised to live
	zxid    uint64

	id      uint64
	pending map[uint64]string
	done    map[uint64]Done
	held    map[uint64]lease.Instant // the client's living holds
}

type modelLink struct {
	address string
	replica cell.ReplicaID
	up      bool
	broken  bool
	down    []call.Message // to the client
	toward  []call.Message // to the replica
}

// manyChecks make a transaction of which three, and not four, may be unacked.
var manyChecks = sync.OnceValue(func() []call.Part {
	var parts []call.Part
	for range call.MaxTxnParts - 1 {
		parts = append(parts, &call.Check{Name: cell.Name("/ls/local" + strings.Repeat("/"+strings.Repeat("c", 250), 3))})
	}
	return parts
})

func newModel(t *rapid.T) *model {
	w := &model{t: t, epoch: 5, master: 1, wild: true, links: map[uint64]*modelLink{}, records: map[uint64]call.Result{},
		bytes: map[uint64]int{},
		zxid:  100, pending: map[uint64]string{}, done: map[uint64]Done{}, held: map[uint64]lease.Instant{}, now: 1}
	w.m = New(Config{Key: cell.SessionKey{1}, Endpoints: []string{"r1", "r2"}, Seed: 7})
	return w
}

func (w *model) draw(n int, what string) int { return rapid.IntRange(0, n-1).Draw(w.t, what) }

func (w *model) step(in Input) {
	w.out.Reset()
	w.m.Step(w.now, in, &w.out)
	for _, m := range w.out.Moves {
		require.Contains(w.t, w.held, m.Hold, "a hold moves that nobody has")
		w.extend(m.Hold, m.Until)
	}
	for _, e := range w.out.Ends {
		require.Contains(w.t, w.held, e.Hold)
		delete(w.held, e.Hold)
	}
	for _, d := range w.out.Done {
		w.finished(d)
	}
	for _, id := range w.out.Closes {
		w.links[id].broken = true
		w.links[id].down = nil
	}
	for _, c := range w.out.Connects {
		w.links[c.Link] = &modelLink{address: c.Address, replica: cell.ReplicaID(c.Address[1] - '0')}
	}
	for _, s := range w.out.Sends {
		l := w.links[s.Link]
		require.True(w.t, l.up || l.broken, "sent on a link that is not up")
		require.Empty(w.t, s.Msg.Invalid())
		l.toward = append(l.toward, s.Msg)
	}
	require.Greater(w.t, w.out.WakeAt, w.now-1)
}

// extend checks L1 and the contract's formula against what the cell promised.
func (w *model) extend(hold uint64, until lease.Instant) {
	require.LessOrEqual(w.t, until, w.granted.Add(lease.Duration(cell.DefaultLengths().LockDelay)))
	w.held[hold] = until
}

func (w *model) finished(d Done) {
	require.Contains(w.t, w.pending, d.ID, "done twice, or never asked: %+v", d)
	kind := w.pending[d.ID]
	delete(w.pending, d.ID)
	w.done[d.ID] = d
	if kind == "lock" && d.Err == nil && !d.Cancelled {
		require.Equal(w.t, Connected, w.m.State())
		w.extend(d.ID, d.Until)
	}
}

func (w *model) user() {
	w.id++
	id := w.id
	switch w.draw(8, "user") {
	case 0:
		w.pending[id] = "write"
		w.step(Mutate{ID: id, Op: &call.Txn{Parts: append([]call.Part{&call.Write{Name: "/ls/local/x",
			Contents: []byte(fmt.Sprint(id))}}, manyChecks()...)}})
	case 1:
		w.pending[id] = "write"
		w.step(Mutate{ID: id, Op: &call.Write{Name: "/ls/local/x", Contents: []byte(fmt.Sprint(id))}})
	case 2:
		w.pending[id] = "ask"
		w.step(Ask{ID: id, Ask: &call.Read{Name: "/ls/local/x"}})
	case 3, 6, 7:
		w.pending[id] = "lock"
		name := cell.Name(fmt.Sprintf("/ls/local/l%d", w.draw(2, "lock")))
		w.step(Acquire{ID: id, Op: call.Acquire{Name: name, Mode: cell.Exclusive, Wait: true, Delay: -1}})
	case 4:
		if len(w.pending) > 0 {
			w.step(Cancel{w.some(w.pending)})
		}
	case 5:
		if len(w.held) > 0 {
			hold := w.some(w.held)
			delete(w.held, hold)
			w.pending[id] = "unlock"
			w.step(Unlock{ID: id, Hold: hold})
		}
	}
}

func (w *model) some(of any) uint64 {
	var ids []uint64
	switch of := of.(type) {
	case map[uint64]string:
		for id, kind := range of {
			if kind != "unlock" {
				ids = append(ids, id)
			}
		}
	case map[uint64]lease.Instant:
		for id := range of {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		return 0
	}
	return ids[w.draw(len(ids), "which")]
}

// world moves one link on by one message, or breaks it.
func (w *model) world(breaks bool) {
	var ids []uint64
	for id, l := range w.links {
		if !l.broken || len(l.toward) > 0 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	id := ids[w.draw(len(ids), "link")]
	l := w.links[id]
	switch {
	case breaks && !l.broken && w.draw(12, "break") == 0:
		l.broken, l.down = true, nil
		if w.draw(2, "lost") == 0 {
			l.toward = nil
		}
		w.step(LinkDown{id, "broken"})
	case !l.up && !l.broken:
		l.up = true
		w.step(LinkUp{id})
	case len(l.toward) > 0 && w.draw(2, "way") == 0:
		msg := l.toward[0]
		l.toward = l.toward[1:]
		w.replica(id, l, msg)
	case len(l.down) > 0:
		msg := l.down[0]
		l.down = l.down[1:]
		w.step(Received{id, msg})
	}
}

// settle delivers everything there is.
func (w *model) settle() {
	for range 40 {
		var ids []uint64
		for id := range w.links {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			l := w.links[id]
			if !l.up && !l.broken {
				l.up = true
				w.step(LinkUp{id})
			}
			for len(l.toward) > 0 {
				msg := l.toward[0]
				l.toward = l.toward[1:]
				w.replica(id, l, msg)
			}
			for len(l.down) > 0 {
				msg := l.down[0]
				l.down = l.down[1:]
				w.step(Received{id, msg})
			}
		}
	}
}

func (w *model) say(l *modelLink, m call.Message) {
	if !l.broken {
		l.down = append(l.down, m)
	}
}

func (w *model) terms() call.Terms {
	t := call.Terms{Epoch: w.epoch, Incarnation: w.stream, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()}
	t.Limits.Unacked, t.Lengths.DriftPPM = 4, 0 // no drift: no slack to hide in
	return t
}

// replica takes a message at the replica's end of a link.
func (w *model) replica(id uint64, l *modelLink, m call.Message) {
	refused := &call.Refused{Code: cell.CodeOf(cell.ErrNoMaster)}
	switch m := m.(type) {
	case *call.Hello:
		w.say(l, &call.Welcome{Format: cell.Format, Cell: "local", Replica: l.replica})
	case *call.Locate:
		w.say(l, &call.Located{Master: w.master, Epoch: w.epoch, Client: fmt.Sprintf("r%d", w.master)})
	case *call.CreateSession:
		if l.replica != w.master || m.Epoch != w.epoch {
			w.say(l, refused)
			return
		}
		w.session, w.stream, w.current, w.next = 7, max(w.stream, 1), id, 0
		w.say(l, &call.Created{Session: 7, Terms: w.terms()})
	case *call.Attach:
		w.attach(id, l, m)
	default:
		c, isCall := m.(*call.Call)
		switch {
		case id == w.current && l.replica == w.master:
			w.fromSession(l, m)
		case isCall && w.draw(2, "says so") == 0: // master no more
			w.say(l, &call.CallReply{Epoch: c.Epoch, Number: c.Number,
				Result: call.Result{Code: cell.CodeOf(cell.ErrNoMaster)}})
		}
	}
}

func (w *model) attach(id uint64, l *modelLink, m *call.Attach) {
	switch {
	case l.replica != w.master:
		w.say(l, &call.Refused{Code: cell.CodeOf(cell.ErrNoMaster)})
	case m.Epoch != w.epoch:
		w.say(l, &call.Refused{Code: cell.CodeOf(cell.ErrNoMaster), Epoch: w.epoch})
	case m.Stream > w.stream:
		w.stream, w.current, w.next = m.Stream, id, 0
		w.say(l, &call.Attached{Stream: m.Stream, Terms: w.terms(), Holds: slices.Clone(w.holds)})
	}
}

func (w *model) fromSession(l *modelLink, m call.Message) {
	switch m := m.(type) {
	case *call.KeepAlive:
		w.granted = max(w.granted, w.now.Add(lease.Duration(cell.DefaultLengths().SessionLease)))
		w.say(l, &call.KeepAliveReply{Number: m.Number, Epoch: w.epoch, Stream: w.stream,
			Session: int64(cell.DefaultLengths().SessionLease), Incarnation: w.stream})
	case *call.Query:
		r := &call.QueryReply{Epoch: w.epoch, Number: m.Number, Node: &call.NodeReply{}}
		if w.wild && w.draw(4, "busy") == 0 {
			r.Code = cell.CodeOf(cell.ErrOverloaded)
		}
		w.say(l, r)
	case *call.Call:
		w.call(l, m)
	}
}

// call is the gate and the tree: numbers in order, each applied once.
func (w *model) call(l *modelLink, m *call.Call) {
	r := &call.CallReply{Epoch: w.epoch, Number: m.Number, Proposed: true}
	record, known := w.records[m.Number]
	switch {
	case known:
		r.Result = record
	case m.Number <= w.last:
		r.Result.Code = cell.CodeOf(cell.ErrProtocol)
		w.t.Fatalf("call %d was sent again after its record could go (acked %d)", m.Number, m.Acked)
	case w.next != 0 && m.Number > w.next, w.wild && w.draw(5, "refuse") == 0:
		if w.next == 0 || m.Number < w.next {
			w.next = m.Number
		}
		r.Proposed, r.Result.Code = false, cell.CodeOf(cell.ErrOverloaded)
	default:
		w.next = m.Number + 1
		for n := range w.records {
			if n <= m.Acked {
				delete(w.records, n)
			}
		}
		require.LessOrEqual(w.t, m.Number-m.Acked, uint64(4), "more unacked than the limit")
		bytes := call.RecordBytes(m.Op)
		for n := m.Acked + 1; n < m.Number; n++ {
			bytes += w.bytes[n]
		}
		require.True(w.t, m.Number == m.Acked+1 || bytes <= call.MaxRecordBytes, "%d bytes of unacked answers", bytes)
		w.bytes[m.Number] = call.RecordBytes(m.Op)
		r.Result = w.apply(m)
		w.last, w.records[m.Number] = m.Number, r.Result
	}
	w.say(l, r)
}

func (w *model) apply(m *call.Call) (r call.Result) {
	w.zxid++
	r.Zxid = cell.Zxid(w.zxid)
	op := m.Op
	if t, ok := op.(*call.Txn); ok {
		op = t.Parts[0].(call.Op)
	}
	switch op := op.(type) {
	case *call.Write:
		var id uint64
		_, err := fmt.Sscan(string(op.Contents), &id)
		require.NoError(w.t, err)
		require.NotContains(w.t, w.applied, id, "applied twice")
		w.applied = append(w.applied, id)
	case *call.Acquire:
		h := call.HoldState{Name: op.Name, Hold: w.zxid, Call: m.Number}
		if !w.taken(op.Name) {
			h.Held, h.Sequencer = true, w.sequencer(h)
		}
		w.holds = append(w.holds, h)
		r.Acquired = &h
	case *call.Release:
		w.holds = slices.DeleteFunc(w.holds, func(h call.HoldState) bool { return h.Hold == op.Hold })
		w.grantNext(op.Name)
	}
	return r
}

func (w *model) taken(n cell.Name) bool {
	return slices.ContainsFunc(w.holds, func(h call.HoldState) bool { return h.Name == n && h.Held })
}

func (w *model) sequencer(h call.HoldState) cell.Sequencer {
	return cell.Sequencer{Mode: cell.Exclusive, Grant: w.zxid, Hold: h.Hold, Instance: 1, Name: h.Name}
}

func (w *model) grantNext(n cell.Name) {
	for i, h := range w.holds {
		if h.Name == n && !w.taken(n) {
			w.holds[i].Held, w.holds[i].Sequencer = true, w.sequencer(h)
			if l := w.links[w.current]; l != nil && l.replica == w.master {
				w.say(l, &call.Granted{Epoch: w.epoch, Stream: w.stream, Hold: h.Hold, Sequencer: w.sequencer(h)})
			}
		}
	}
}

// failOver gives the mastership to the other replica. The old master's links stay, and are deaf.
func (w *model) failOver() {
	w.epoch++
	w.master = 3 - w.master
	w.current = 0
}

func (w *model) pass(d lease.Duration) {
	w.now = w.now.Add(d)
	for _, h := range w.expiredHolds() {
		delete(w.held, h) // the host's timer; it tells the machine
		w.step(Lapsed{h})
	}
	if w.now >= w.out.WakeAt {
		w.step(Wake{})
	}
}

func (w *model) expiredHolds() (ids []uint64) {
	for id, until := range w.held {
		if w.now >= until {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
