package master

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// reader is a client with a cache, behind queues that delay, lose with their stream, and
// deliver late what an older stream still had on its way to the master.
type reader struct {
	*client
	in      []Send // on its way to the client
	out     []Message
	cache   map[cell.Name]string // "" is absent
	asked   map[uint64]ticket
	until   lease.Instant // of its cache lease, by its own count
	sentAt  map[uint64]lease.Instant
	joined  bool
	written uint64 // the call on its way; 0: none
}

type ticket struct {
	name    cell.Name
	spoiled bool
}

type world struct {
	*rig
	rnd     *rand.Rand
	readers []*reader
	names   []cell.Name
	values  int
	fills   int
	applied int
}

// TestC6_NoValidCacheIsEverStale drives a master and clients at random, through lost streams,
// silence, late bytes and fail-overs. At every moment what a client may serve from its cache is
// what the tree holds.
func TestC6_NoValidCacheIsEverStale(t *testing.T) {
	fills, lapses := 0, 0
	for seed := range uint64(150) {
		w := newWorld(t, seed)
		for range 600 {
			w.act()
			w.check(seed)
		}
		fills += w.fills
		lapses += w.count.Lapses
	}
	require.Greater(t, fills, 1000, "the test must fill caches to mean anything")
	require.Greater(t, lapses, 50)
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{rig: newRig(t), rnd: rand.New(rand.NewPCG(seed, 7))}
	w.unchecked = true
	w.names = []cell.Name{"/ls/x/a", "/ls/x/a/k", "/ls/x/b"}
	for i := range 4 {
		c := w.open(fmt.Sprint("c", i))
		w.readers = append(w.readers, &reader{client: c, joined: true})
		w.readers[i].forget()
		w.readers[i].keepAlive(w)
	}
	w.sent = nil
	w.keepLog = true
	return w
}

func (c *reader) forget() {
	c.in, c.cache = nil, map[cell.Name]string{}
	c.asked, c.sentAt = map[uint64]ticket{}, map[uint64]lease.Instant{}
}

func (c *reader) say(msg call.Message) {
	c.out = append(c.out, Message{Stream: c.stream, Address: "a", Msg: msg})
}

// drain hands what the master has sent to the queues of the streams that are still open.
func (w *world) drain() {
	for _, s := range w.sent {
		for _, c := range w.readers {
			if c.stream == s.Stream {
				c.in = append(c.in, s)
			}
		}
	}
	w.sent = nil
}

func (w *world) act() {
	c := w.readers[w.rnd.IntN(len(w.readers))]
	name := w.names[w.rnd.IntN(len(w.names))]
	switch n := w.rnd.IntN(1000); {
	case n < 300:
		if len(c.out) > 0 {
			msg := c.out[0]
			c.out = c.out[1:]
			w.once(msg)
		}
	case n < 600:
		c.receive(w)
	case n < 720:
		c.queries++
		c.asked[c.queries] = ticket{name: name}
		c.say(&call.Query{Epoch: c.epoch, Number: c.queries, Ask: &call.Read{Name: name, Cache: true}})
	case n < 760:
		c.change(w, name)
	case n < 860:
		if len(w.waiting) > 0 {
			w.once(w.commit())
			w.applied++
		}
	case n < 985:
		d := lease.Duration(w.rnd.Int64N(int64(150 * lease.Millisecond)))
		if w.rnd.IntN(25) == 0 {
			d *= 12
		}
		w.at.Now = w.at.Now.Add(d)
		w.once()
	case n < 993:
		c.rejoin(w)
	case n < 995:
		w.once(StreamDown{c.stream})
	default:
		w.failOver()
	}
	w.drain()
}

func (c *reader) change(w *world, name cell.Name) {
	if !c.joined || c.written != 0 {
		return
	}
	w.values++
	var op call.Op = &call.Write{Name: name, Contents: fmt.Append(nil, w.values), OrCreate: true, Parents: true}
	if w.rnd.IntN(4) == 0 {
		op = &call.Delete{Name: name}
	}
	c.calls++
	c.written = c.calls
	c.say(&call.Call{Epoch: c.epoch, Number: c.calls, Acked: c.calls - 1, Op: op})
}

// rejoin leaves the stream: what was on its way to the client is lost, what it had sent may
// still arrive after the Attach.
func (c *reader) rejoin(w *world) {
	late := c.out
	c.out = nil
	c.forget()
	c.stream, c.epoch, c.joined, c.written = w.stream(), w.epoch, false, 0
	c.number++
	c.seq = 0
	c.say(&call.Attach{Session: c.id, Key: c.key, Epoch: c.epoch, Stream: c.number})
	if w.rnd.IntN(2) == 0 {
		c.out = append(late, c.out...)
	} else {
		c.out = append(c.out, late...)
	}
}

func (c *reader) keepAlive(w *world) {
	c.keeps++
	c.sentAt[c.keeps] = w.at.Now
	c.say(&call.KeepAlive{Number: c.keeps, Epoch: c.epoch, Stream: c.number, Flushed: c.seq})
}

// receive takes the next message; an urgent one may overtake.
func (c *reader) receive(w *world) {
	if len(c.in) == 0 {
		return
	}
	i := 0
	for j, s := range c.in {
		if s.Urgent && w.rnd.IntN(2) == 0 {
			i = j
			break
		}
	}
	msg := c.in[i].Msg
	c.in = append(c.in[:i:i], c.in[i+1:]...)
	switch msg := msg.(type) {
	case *call.Attached:
		c.inc, c.joined = msg.Terms.Incarnation, true
		c.keepAlive(w)
	case *call.QueryReply:
		c.fill(w, msg)
	case *call.CallReply:
		c.written = 0
	case *call.Invalidate:
		for _, n := range msg.Names {
			c.drop(n)
		}
		c.seq = msg.Seq
		if w.rnd.IntN(3) > 0 {
			c.say(&call.Flushed{Epoch: c.epoch, Stream: c.number, Seq: c.seq, Incarnation: c.inc})
		}
	case *call.KeepAliveReply:
		if msg.Incarnation != c.inc {
			c.inc = msg.Incarnation
			clear(c.cache)
			clear(c.asked)
			c.say(&call.Flushed{Epoch: c.epoch, Stream: c.number, Seq: c.seq, Incarnation: c.inc})
		} else if msg.Cache > 0 {
			c.until = max(c.until, c.sentAt[msg.Number].Add(lease.Duration(msg.Parked+msg.Cache)))
		}
		c.keepAlive(w)
	case *call.Refused:
		c.joined = false
		c.rejoin(w)
	}
}

// drop empties the entry of n, and every absence that may rest on it.
func (c *reader) drop(n cell.Name) {
	for _, name := range []cell.Name{"/ls/x/a", "/ls/x/a/k", "/ls/x/b"} {
		if v, ok := c.cache[name]; ok && (name == n || (v == "" && n.Covers(name))) {
			delete(c.cache, name)
		}
	}
	for q, t := range c.asked {
		if n.Covers(t.name) {
			c.asked[q] = ticket{t.name, true}
		}
	}
}

func (c *reader) fill(w *world, q *call.QueryReply) {
	t, ok := c.asked[q.Number]
	delete(c.asked, q.Number)
	if !ok || t.spoiled || q.Node == nil || !q.Node.Cachable || q.Node.Incarnation != c.inc {
		return
	}
	w.fills++
	c.cache[t.name] = string(q.Node.Contents)
}

// check compares every cache that its client may serve from with the tree.
func (w *world) check(seed uint64) {
	for i, c := range w.readers {
		if w.at.Now >= c.until || !c.joined {
			continue
		}
		for _, n := range w.names {
			cached, ok := c.cache[n]
			if !ok {
				continue
			}
			_, contents, _ := w.tree.Get(n)
			require.Equal(w.t, string(contents), cached, "seed %d: client %d serves an old %s at %v", seed, i, n, w.at.Now)
		}
	}
}
