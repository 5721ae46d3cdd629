package world

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
)

// Node is an address: a machine's place in the network. Two machines may claim one replica id,
// never one Node.
type Node int

// Use says what a link is for.
type Use uint8

// The uses: between replicas one link for the protocol and another for bulk; and a client's.
const (
	Protocol Use = iota
	Bulk
	Client
)

// Happened is what the network tells an end of a link.
type Happened uint8

// What can happen: a link is there, a frame came, the link is gone; a dial failed (then Link
// is 0).
const (
	Up Happened = iota
	Frame
	Down
	Refused
)

// Delivery is what the network tells a node. Frames of one link come in the order in which they
// were sent, without a gap, between its Up and its Down. Of two links between the same nodes
// nothing is promised: the old one's frames may come after the new one's Up.
type Delivery struct {
	What Happened
	Peer Node
	Link uint64
	Use  Use
	Tag  uint64 // at the dialer: what it called its Dial
	soon bool   // may overtake what is not
	Type uint8
	Body []byte
}

// Network carries frames over links as TCP does, and breaks as TCP does.
type Network struct {
	loop  *Loop
	inbox map[Node]func(Delivery) // of the machines that are up
	links map[uint64]*link
	order []uint64 // of links, rising; those gone are dropped now and then
	last  uint64
	cut   map[[2]Node]bool // frames from the first to the second do not get through
	Delay [2]True          // of a frame
	Rate  [3]True          // bytes a second on a link of each use; 0: no bound
	Waits [3]int           // bytes that may wait at one end of a link of each use; 0: no bound
	Quiet [2]True          // how long an end hears nothing before it gives the link up
}

// frameBytes is what a frame costs on a slow link beside its body.
const frameBytes = 64

// mostInFrame is the limit of a frame on a link of each use, the real one.
var mostInFrame = [...]int{Protocol: conn.ForPeers().FrameLimit, Bulk: conn.ForPeers().FrameLimit,
	Client: conn.ForClients().FrameLimit}

// NewNetwork has delays of a local network.
func NewNetwork(l *Loop) *Network {
	return &Network{
		loop: l, inbox: map[Node]func(Delivery){}, links: map[uint64]*link{}, cut: map[[2]Node]bool{},
		Delay: [2]True{50 * Microsecond, 2 * Millisecond}, Quiet: [2]True{500 * Millisecond, 2 * Second},
	}
}

// Join makes a machine reachable; what happens to its links goes to inbox.
func (n *Network) Join(at Node, inbox func(Delivery)) { n.inbox[at] = inbox }

// Leave takes a crashed machine out of the network. Its links are reset, which the other ends
// learn soon, or, when the machine lost its power, by silence alone.
func (n *Network) Leave(at Node, silent bool) {
	delete(n.inbox, at)
	for _, l := range n.of(at) {
		me, other := l.side(at), l.side(l.other(at))
		l.closed[me] = true
		if silent {
			n.loop.After(n.loop.Between(n.Quiet[0], n.Quiet[1]), func() { n.tellDown(l, other) })
			continue
		}
		n.sendEnd(l, me)
	}
}

// Dial asks for a link; Up or Refused comes later, at both ends or at the dialer, there with tag.
func (n *Network) Dial(from, to Node, use Use, tag uint64) {
	n.loop.After(n.delay(), func() {
		switch accept := n.inbox[to]; {
		case n.cut[[2]Node{from, to}] || n.cut[[2]Node{to, from}]:
			n.loop.After(n.loop.Between(n.Quiet[0], n.Quiet[1]), func() { n.refuse(from, to, use, tag) })
		case accept == nil:
			n.loop.After(n.delay(), func() { n.refuse(from, to, use, tag) })
		case n.inbox[from] != nil:
			n.open(from, to, use, tag)
		}
	})
}

func (n *Network) refuse(from, to Node, use Use, tag uint64) {
	if inbox := n.inbox[from]; inbox != nil {
		inbox(Delivery{What: Refused, Peer: to, Use: use, Tag: tag})
	}
}

func (n *Network) open(from, to Node, use Use, tag uint64) {
	n.last++
	l := &link{n: n.last, ends: [2]Node{from, to}, use: use, tag: tag}
	n.links[l.n] = l
	n.order = append(n.order, l.n)
	for side := range l.ends {
		n.transmit(l, 1-side, Delivery{What: Up})
	}
}

// Send puts a frame on a link; body is copied. On one that is gone it is lost, as every frame under
// way may be, and that is ErrClosed. A frame over the limit is refused; one that finds too much
// waiting before it ends the link behind what was sent, ErrOverloaded.
func (n *Network) Send(from Node, number uint64, kind uint8, body []byte) error {
	_, err := n.put(from, number, Delivery{What: Frame, Type: kind, Body: slices.Clone(body)})
	return err
}

// Urgent puts a frame on a link that may overtake those that wait and are not urgent.
func (n *Network) Urgent(from Node, number uint64, kind uint8, body []byte) error {
	d := Delivery{What: Frame, Type: kind, Body: slices.Clone(body), soon: true}
	queue, err := n.put(from, number, d)
	if err != nil {
		return err
	}
	first := 0
	for i, d := range queue[:len(queue)-1] {
		if d.soon || d.What != Frame {
			first = i + 1
		}
	}
	at := first + n.loop.Below(len(queue)-first)
	copy(queue[at+1:], queue[at:len(queue)-1])
	queue[at] = d
	return nil
}

// put puts a frame behind those under way, and gives them all.
func (n *Network) put(from Node, number uint64, d Delivery) ([]Delivery, error) {
	l := n.links[number]
	if l == nil {
		return nil, cell.ErrClosed
	}
	side := l.side(from)
	switch size := len(d.Body) + wire.FrameOverhead; {
	case l.over[side]:
		return nil, cell.ErrOverloaded
	case l.closed[side]:
		return nil, cell.ErrClosed
	case size > mostInFrame[l.use]:
		return nil, &cell.LimitError{Limit: "frame", Most: mostInFrame[l.use], Got: size}
	case n.Waits[l.use] > 0 && l.waits[side]+size > n.Waits[l.use]:
		l.over[side] = true
		n.sendEnd(l, side)
		n.loop.After(0, func() { n.tellDown(l, side) })
		return nil, cell.ErrOverloaded
	}
	n.transmit(l, side, d)
	return l.flying[side], nil
}

// Close ends a link at one end; what was sent before still arrives, then the other end learns
// of it.
func (n *Network) Close(from Node, number uint64) {
	l := n.links[number]
	if l == nil || l.closed[l.side(from)] {
		return
	}
	l.closed[l.side(from)] = true
	n.sendEnd(l, l.side(from))
}

// Reset breaks a link in the middle: of what is under way a drawn part is lost, and each end
// learns it by itself.
func (n *Network) Reset(l *link) {
	for side := range l.ends {
		l.lost[side] = true
		n.loop.After(n.loop.Skewed(0, 20*Millisecond), func() { n.tellDown(l, side) })
	}
}

func (n *Network) sendEnd(l *link, from int) { n.transmit(l, from, Delivery{What: Down}) }

// transmit carries what goes out at side from to the other side, in order.
func (n *Network) transmit(l *link, from int, d Delivery) {
	at := max(n.loop.Now()+n.delay(), l.arrival[from])
	if rate := n.Rate[l.use]; rate > 0 {
		at += True(len(d.Body)+frameBytes) * Second / rate
	}
	l.arrival[from] = at
	l.flying[from] = append(l.flying[from], d)
	l.waits[from] += len(d.Body) + wire.FrameOverhead
	n.loop.At(at, func() { n.arrive(l, from) })
}

// arrive hands on the oldest frame under way, unless the way is cut: then it waits there, as
// bytes that TCP sends again.
func (n *Network) arrive(l *link, from int) {
	if len(l.flying[from]) == l.held[from] {
		return // it came before, when the link became fast again
	}
	if n.cut[[2]Node{l.ends[from], l.ends[1-from]}] {
		l.held[from]++
		if !l.doubted[from] {
			l.doubted[from] = true
			n.loop.After(n.loop.Between(n.Quiet[0], n.Quiet[1]), func() { n.doubt(l, from) })
		}
		return
	}
	d := l.flying[from][0]
	l.flying[from] = l.flying[from][1:]
	l.waits[from] -= len(d.Body) + wire.FrameOverhead
	switch to := 1 - from; {
	case d.What == Down:
		n.tellDown(l, to)
	case l.lost[from]: // the connection broke under it
	case !l.closed[to]:
		n.tell(l, to, d)
	}
}

// doubt ends a link over which one end has heard nothing for too long.
func (n *Network) doubt(l *link, from int) {
	l.doubted[from] = false
	if l.held[from] > 0 {
		n.Reset(l)
	}
}

func (n *Network) tell(l *link, side int, d Delivery) {
	inbox := n.inbox[l.ends[side]]
	if inbox == nil || d.What == Frame && !l.up[side] {
		return
	}
	if d.What == Up {
		l.up[side] = true
	}
	d.Peer, d.Link, d.Use = l.ends[1-side], l.n, l.use
	if side == 0 {
		d.Tag = l.tag
	}
	inbox(d)
}

func (n *Network) tellDown(l *link, side int) {
	if !l.closed[side] {
		l.closed[side] = true
		if l.up[side] {
			n.tell(l, side, Delivery{What: Down})
		} else if side == 0 {
			n.refuse(l.ends[0], l.ends[1], l.use, l.tag)
		}
	}
	if l.closed[0] && l.closed[1] {
		delete(n.links, l.n)
	}
}

// Cut stops what goes from one node to another; both ways need two cuts.
func (n *Network) Cut(from, to Node) { n.cut[[2]Node{from, to}] = true }

// Heal lets it through again; what waited on links that still are there arrives now.
func (n *Network) Heal(from, to Node) {
	if !n.cut[[2]Node{from, to}] {
		return
	}
	delete(n.cut, [2]Node{from, to})
	for _, l := range n.of(from) {
		if l.other(from) != to {
			continue
		}
		side := l.side(from)
		for ; l.held[side] > 0; l.held[side]-- {
			n.loop.After(n.delay(), func() { n.arrive(l, side) })
		}
	}
}

// Ease makes all links of a use fast again, and wide; what waits on them arrives soon.
func (n *Network) Ease(u Use) {
	n.Waits[u] = 0
	if n.Rate[u] == 0 {
		return
	}
	n.Rate[u] = 0
	for _, l := range n.Links() {
		for side := 0; l.use == u && side < len(l.ends); side++ {
			l.arrival[side] = n.loop.Now()
			for range len(l.flying[side]) - l.held[side] {
				n.loop.After(n.delay(), func() { n.arrive(l, side) })
			}
		}
	}
}

// Links gives those that are there, in the order in which they were opened.
func (n *Network) Links() []*link {
	var live []*link
	kept := n.order[:0]
	for _, number := range n.order {
		if l := n.links[number]; l != nil {
			live, kept = append(live, l), append(kept, number)
		}
	}
	n.order = kept
	return live
}

func (n *Network) of(at Node) []*link {
	var mine []*link
	for _, l := range n.Links() {
		if l.ends[0] == at || l.ends[1] == at {
			mine = append(mine, l)
		}
	}
	return mine
}

func (n *Network) delay() True { return n.loop.Skewed(n.Delay[0], n.Delay[1]) }

// link is a connection; side 0 dialed, side 1 accepted. Arrays are by the side that sends, but
// for up and closed, which are each side's own.
type link struct {
	n       uint64
	ends    [2]Node
	use     Use
	tag     uint64
	flying  [2][]Delivery
	arrival [2]True // of the newest under way: order is kept
	waits   [2]int  // bytes under way
	over    [2]bool // there were too many
	held    [2]int  // arrivals that a cut stopped
	doubted [2]bool
	lost    [2]bool
	up      [2]bool
	closed  [2]bool
}

func (l *link) side(at Node) int {
	if l.ends[0] == at {
		return 0
	}
	return 1
}

func (l *link) other(at Node) Node { return l.ends[1-l.side(at)] }

func (l *link) String() string { return fmt.Sprintf("link %d (%d-%d)", l.n, l.ends[0], l.ends[1]) }
