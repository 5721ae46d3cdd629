package zab

import (
	"container/heap"
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// world is a small simulation: true time, drifting clocks, links that stall and break, disks
// that lose what was not synced. One seed, one run.
type world struct {
	t       testing.TB
	seed    int64
	rng     *rand.Rand
	now     int64 // true time
	seq     uint64
	queue   events
	members cell.Members
	nodes   []*node
	links   map[[2]int]*pipe
	linkNo  uint64
	drift   int64
	rollAt  uint32
	check   *checks
	trace   []string
	calm    bool // no more faults
	fixed   bool // every delay is its shortest
	talk    bool // trace messages too
	tap     func(from, to *node, m Message)
}

type event struct {
	at  int64
	seq uint64
	do  func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || (e[i].at == e[j].at && e[i].seq < e[j].seq)
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

func (w *world) after(d lease.Duration, do func()) {
	w.seq++
	heap.Push(&w.queue, event{w.now + int64(d), w.seq, do})
}

func (w *world) between(lo, hi lease.Duration) lease.Duration {
	if w.fixed {
		return lo
	}
	return lo + lease.Duration(w.rng.Int63n(int64(hi-lo)+1))
}

func (w *world) run(d lease.Duration) {
	end := w.now + int64(d)
	for len(w.queue) > 0 && w.queue[0].at <= end {
		e := heap.Pop(&w.queue).(event)
		w.now = e.at
		e.do()
		w.check.holders()
	}
	w.now = end
}

func (w *world) tracef(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%9.3fms ", float64(w.now)/1e6)+fmt.Sprintf(format, args...))
}

func (w *world) fail(format string, args ...any) {
	n := max(0, len(w.trace)-400)
	for _, line := range w.trace[n:] {
		w.t.Log(line)
	}
	for _, n := range w.nodes {
		if n.core != nil {
			w.t.Log(n.core.String())
		}
	}
	w.t.Fatalf("seed %d at %.3fms: "+format, append([]any{w.seed, float64(w.now) / 1e6}, args...)...)
}

func newWorld(t testing.TB, seed int64, n int, rollAt uint32) *world {
	w := &world{t: t, seed: seed, rng: rand.New(rand.NewSource(seed)), drift: 10_000, rollAt: rollAt}
	w.links = map[[2]int]*pipe{}
	w.check = newChecks(w)
	for i := 1; i <= n; i++ {
		w.members = append(w.members, cell.Member{ID: cell.ReplicaID(i), Peer: fmt.Sprintf("r%d", i)})
	}
	for i := 0; i < n; i++ {
		nd := &node{w: w, i: i, id: cell.ReplicaID(i + 1)}
		nd.rate, nd.offset = 1_000_000+w.rng.Int63n(w.drift), w.rng.Int63n(1e12)
		nd.disk.wipe(w)
		w.nodes = append(w.nodes, nd)
	}
	for i := 0; i < n; i++ {
		for j := i + 1; j < n; j++ {
			w.links[[2]int{i, j}] = &pipe{w: w, a: w.nodes[i], b: w.nodes[j]}
		}
	}
	return w
}

// start gives every node life, and every pair a link, within some milliseconds.
func (w *world) start() {
	for _, n := range w.nodes {
		w.after(w.between(0, 50*lease.Millisecond), n.start)
	}
	for _, l := range w.pipes() {
		w.after(w.between(1, 60*lease.Millisecond), l.tryConnect)
	}
}

func (w *world) pipes() []*pipe {
	var all []*pipe
	for i := range w.nodes {
		for j := i + 1; j < len(w.nodes); j++ {
			all = append(all, w.links[[2]int{i, j}])
		}
	}
	return all
}

func (w *world) pipe(a, b int) *pipe { return w.links[[2]int{min(a, b), max(a, b)}] }

// pipe joins two nodes: one link at a time, in order both ways, with a delay; cut, it stalls, and
// both ends hear of it later.
type pipe struct {
	w      *world
	a, b   *node
	number uint64
	cut    bool
	last   [2]int64       // when the newest message arrives, each way
	slow   lease.Duration // more than the others, in a story
}

func (p *pipe) tryConnect() {
	if p.number == 0 && !p.cut && p.a.core != nil && p.b.core != nil {
		p.w.linkNo++
		p.number, p.last = p.w.linkNo, [2]int64{}
		n := p.number
		p.carry(p.a, func() { p.a.step(LinkUp{p.b.id, n}) })
		p.carry(p.b, func() { p.b.step(LinkUp{p.a.id, n}) })
	}
	p.w.after(p.w.between(20*lease.Millisecond, 60*lease.Millisecond), p.tryConnect)
}

// carry does something at the node to, in order behind everything else on its way there.
func (p *pipe) carry(to *node, do func()) {
	way, number, life := 0, p.number, to.life
	if to == p.b {
		way = 1
	}
	at := max(p.last[way]+1, p.w.now+int64(p.w.between(100*lease.Microsecond, 3*lease.Millisecond)+p.slow))
	p.last[way] = at
	p.w.after(lease.Duration(at-p.w.now), func() {
		if p.number == number && to.life == life && to.core != nil {
			do()
		}
	})
}

// breakLink ends the link; each end hears of it after a while.
func (p *pipe) breakLink(hi lease.Duration) {
	n := p.number
	if n == 0 {
		return
	}
	p.number = 0
	for _, e := range []*node{p.a, p.b} {
		peer, life := p.a.id, e.life
		if e == p.a {
			peer = p.b.id
		}
		p.w.after(p.w.between(0, hi), func() {
			if e.core != nil && e.life == life {
				e.step(LinkDown{peer, n})
			}
		})
	}
}

func (p *pipe) setCut(cut bool) {
	p.cut = cut
	if cut {
		p.breakLink(2 * lease.Second)
	}
}

// node is one machine: a clock, a disk, and a core while it lives.
type node struct {
	w      *world
	i      int
	id     cell.ReplicaID
	rate   int64 // its clock's nanoseconds per true millisecond
	offset int64
	core   *Core
	life   int
	disk   simDisk
	out    Out
	wake   uint64
	app    app
	frozen bool // a stopped process: nothing happens until it thaws
	trap   *trap
	inbox  []Input
}

func (n *node) clock() lease.Instant {
	return lease.Instant(n.offset + n.w.now/1_000_000*n.rate + n.w.now%1_000_000*n.rate/1_000_000)
}

func (n *node) start() {
	if n.core != nil {
		return
	}
	n.life++
	n.disk.hard.Boot++
	cfg := n.disk.config(n)
	n.w.tracef("r%d starts, boot %d, log %v", n.id, n.disk.hard.Boot, cfg.Log.Last)
	n.app = app{applied: n.disk.snapshot}
	n.core = New(cfg, n.clock(), &n.out)
	n.carryOut()
}

func (n *node) crash() {
	if n.core == nil {
		return
	}
	n.w.tracef("r%d crashes", n.id)
	n.core, n.frozen, n.inbox, n.trap = nil, false, nil, nil
	n.life++
	n.disk.crash(n.w)
	n.out.Reset()
	for _, p := range n.w.pipes() {
		if p.a == n || p.b == n {
			p.breakLink(5 * lease.Millisecond)
		}
	}
}

func (n *node) step(in Input) {
	if n.core == nil {
		return
	}
	if n.frozen {
		n.inbox = append(n.inbox, in)
		return
	}
	n.core.Step(n.clock(), in, &n.out)
	n.carryOut()
}

func (n *node) thaw() {
	n.frozen = false
	if in := n.inbox; len(in) > 0 && n.core != nil {
		n.inbox = nil
		n.step(Batch(in))
	}
}

// carryOut does what a host does, in a host's order: events, disk, sends.
func (n *node) carryOut() {
	for round := 0; round < 100; round++ {
		proposals := n.app.take(n)
		n.w.check.out(n)
		for _, op := range n.out.Disk {
			n.disk.do(n, op)
		}
		for _, s := range n.out.Sends {
			n.transmit(s)
		}
		wake := n.out.WakeAt
		n.out.Reset()
		if n.core == nil {
			return
		}
		if len(proposals) == 0 {
			n.sleepUntil(wake)
			return
		}
		n.core.Step(n.clock(), proposals, &n.out)
	}
}

func (n *node) sleepUntil(at lease.Instant) {
	n.wake++
	wake, life := n.wake, n.life
	if at == lease.Never {
		return
	}
	d := max(0, int64(at-n.clock()))*1_000_000/n.rate + 1000
	n.w.after(lease.Duration(d), func() {
		if n.wake == wake && n.life == life {
			n.step(nil)
		}
	})
}

// trap waits for the first message of a type to leave: before it the replica crashes, or its link
// breaks; or after it the replica's disk rests.
type trap struct {
	sends  string
	to     int // 0: to anybody
	breaks bool
	stalls bool
	shut   bool
}

// caught reports whether a message goes no further.
func (n *node) caught(p *pipe, s Send) bool {
	t := n.trap
	if t == nil || t.shut {
		return t != nil
	}
	if (t.to != 0 && t.to != int(s.To)) || strings.TrimPrefix(fmt.Sprintf("%T", s.Msg), "*zab.") != t.sends {
		return false
	}
	if t.stalls {
		n.w.tracef("r%d sends %s, and its disk rests", n.id, brief(s.Msg))
		n.trap, n.disk.stall = nil, true
		return false
	}
	n.w.tracef("r%d does not send %s", n.id, brief(s.Msg))
	if t.breaks {
		n.trap = nil
		p.breakLink(5 * lease.Millisecond)
		return true
	}
	t.shut = true // nothing leaves any more
	n.disk.kept = len(n.disk.queue)
	n.w.after(0, n.crash)
	return true
}

func (n *node) transmit(s Send) {
	p := n.w.pipe(n.i, int(s.To)-1)
	if p.number != s.Link || n.caught(p, s) {
		return
	}
	to, msg := n.w.nodes[s.To-1], n.w.check.recode(s.Msg)
	if n.w.talk {
		n.w.tracef("r%d → r%d %s", n.id, s.To, brief(s.Msg))
	}
	if n.w.tap != nil {
		n.w.tap(n, to, msg)
	}
	p.carry(to, func() { to.step(Received{n.id, s.Link, msg}) })
}

// brief is a message in a few words.
func brief(m Message) string {
	if e, ok := m.(*Entries); ok {
		return fmt.Sprintf("Entries {Epoch:%d after %v, %d records, Commit:%d}", e.Epoch, e.Prev, len(e.Records), e.Commit)
	}
	text := strings.TrimPrefix(fmt.Sprintf("%T ", m), "*zab.") + strings.TrimPrefix(fmt.Sprintf("%+v", m), "&")
	return seldom.Replace(text)
}

// seldom is what is shown only where it is said.
var seldom = strings.NewReplacer(" At:0 Digest:0", "", " Quarantined:false", "", " Anew:false", "")

// simMembersOf reads what simMembers wrote: a word for each id from 1 on.
func simMembersOf(n int) func([]byte) (cell.Members, error) {
	return func(payload []byte) (cell.Members, error) {
		var list cell.Members
		for i := 0; i < n && (i+1)*17 <= len(payload); i++ {
			word := string(payload[i*17 : i*17+16])
			if word == simNobody {
				continue
			}
			inc, err := strconv.ParseUint(word, 16, 64)
			if err != nil {
				return nil, err
			}
			list = append(list, cell.Member{ID: cell.ReplicaID(i + 1), Incarnation: cell.Incarnation(inc)})
		}
		return list, nil
	}
}

const simNobody = "----------------"

func simMembers(list cell.Members) []byte {
	var b []byte
	for _, m := range list {
		for len(b) < int(m.ID-1)*17 {
			b = append(b, simNobody+" "...)
		}
		b = fmt.Appendf(b, "%016x ", uint64(m.Incarnation))
	}
	return b
}

// app is the master above: it binds, then proposes numbered payloads.
type app struct {
	applied record.Mark
	leads   cell.Epoch
	n       int
	binding bool
}

// take applies what came out of the core, and gives back what to propose.
func (a *app) take(n *node) Batch {
	for _, e := range n.out.Events {
		if r, ok := e.(Restored); ok {
			n.w.tracef("r%d restored %v", n.id, r.Mark)
			a.applied = r.Mark
		}
	}
	for _, r := range n.out.Commits {
		n.w.check.applied(n, r)
		a.applied = r.Mark()
		if r.Kind == record.Members {
			a.binding = false
		}
	}
	var in Batch
	for _, e := range n.out.Events {
		switch e := e.(type) {
		case Leading:
			a.leads, a.n, a.binding = e.Epoch, 0, false
			n.w.check.leading(n, e.Epoch)
			in = append(in, a.next())
		case Rolled:
			n.w.check.leading(n, e.Epoch)
			n.w.check.rolled++
		case Looking:
			a.leads = 0
		case Following:
			n.w.check.follows++
		case DropLink:
			n.w.tracef("r%d drops its link to %d: %s", n.id, e.Peer, e.Why)
			n.w.check.dropped(n, e)
			if p := n.w.pipe(n.i, int(e.Peer)-1); p.number == e.Link {
				p.breakLink(5 * lease.Millisecond)
			}
			continue
		case Fatal:
			if e.Why == removedRemedy {
				n.w.tracef("r%d ends: it was removed", n.id)
				n.w.after(lease.Second, n.crash)
				continue
			}
			n.w.fail("r%d ended: %s", n.id, e.Why)
		}
		n.w.tracef("r%d: %s", n.id, strings.TrimPrefix(fmt.Sprintf("%T %+v", e, e), "zab."))
	}
	if a.leads != 0 && !a.binding {
		if list, ok := a.bind(n.core); ok {
			a.binding = true
			in = append(in, Propose{record.Members, simMembers(list)})
		}
	}
	return in
}

// bind is the member list to propose, when somebody is not bound: everybody heard at first, then
// one newcomer at a time.
func (a *app) bind(c *Core) (cell.Members, bool) {
	if !c.lists.bound() {
		return c.Heard(), true
	}
	if c.Changing() {
		return nil, false
	}
	unbound := c.Unbound()
	if len(unbound) == 0 {
		return nil, false
	}
	list := append(cell.Members(nil), c.Members()...)
	for i := range list {
		if list[i].ID == unbound[0].ID {
			list[i].Incarnation = unbound[0].Incarnation
		}
	}
	return list, true
}

func (a *app) next() Propose {
	a.n++
	return Propose{record.Normal, fmt.Appendf(nil, "%d %d", a.leads, a.n)}
}
