package host

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/replica/zab"
)

// Host is one running replica.
type Host struct {
	config    Config
	birth     record.Birth
	inbox     *inbox
	disk      *disk
	snapshots *snapshots
	peers     *peers
	clients   *clients
	http      *web
	metrics   *metrics
	lines     *lines
	audit     *audit
	refusals  refusals
	status    atomic.Pointer[call.Status] // as of the last Step; may be old by a second
	turned    atomic.Int64                // when the loop last turned, by the clock
	told      lease.Instant               // when status was last published; the loop's
	leaving   leaving                     // what the loop has queued on streams
	stopping  atomic.Bool
	alone     atomic.Bool // while stopping: no quorum is in reach

	ending sync.Once
	failed error         // why it ended by itself; set before dead is closed
	dead   chan struct{} // closed at the first failure, or by Stop
	done   chan struct{} // closed when the loop has ended
	shut   chan struct{} // closed when everything has
	unshut error         // what went wrong meanwhile; set before shut is closed
}

// Start opens the data directory and begins to serve on the listeners, which it then owns.
// Errors say what was wrong with the directory and what to do.
func Start(c Config, at Listeners) (*Host, error) {
	if err := c.fill(); err != nil {
		return nil, errors.Join(err, at.close())
	}
	h := &Host{config: c, inbox: newInbox(), dead: make(chan struct{}), done: make(chan struct{}),
		shut: make(chan struct{}), metrics: newMetrics()}
	r, log, eff, err := h.recover()
	if err != nil {
		return nil, errors.Join(err, at.close())
	}
	h.lines = newLines(c.Log)
	h.refusals.to = h.lines
	at.tells(h.lines)
	h.disk = newDisk(h, log)
	h.peers = newPeers(h, at.Peer)
	h.clients = newClients(h, at.Client)
	h.metrics.door("clients", at.Client)
	h.metrics.door("peers", at.Peer)
	h.http = newWeb(h, at.HTTP, at.MostHTTP)
	h.turned.Store(int64(c.Clock.Now()))
	go h.loop(r, eff)
	h.peers.start()
	h.clients.wait.Add(1)
	go h.clients.run()
	h.http.start()
	go h.end()
	return h, nil
}

// loop is the one goroutine that owns the replica.
func (h *Host) loop(r *replica.Replica, eff *replica.Effects) {
	defer close(h.done)
	var in []replica.Input
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		h.handOut(eff)
		if eff.Died != (replica.Death{}) {
			h.remember(eff.Died)
		}
		if eff.Fatal != "" {
			h.fail(errors.New(eff.Fatal))
		}
		timer.Reset(h.pause(min(eff.WakeAt, h.leaving.wake())))
		eff.Reset()
		select {
		case <-h.inbox.ready:
			runtime.Gosched() // readers and disk that have something by now: one Step for all
		case <-timer.C:
		case <-h.dead:
			return
		}
		var at replica.Moment
		in, at = h.turn(in)
		r.Step(at, in, eff)
		h.publish(r, at.Now)
	}
}

// turn takes what waits and then, never before, reads the clocks (L4).
func (h *Host) turn(spare []replica.Input) ([]replica.Input, replica.Moment) {
	in := h.inbox.drain(spare)
	return in, h.now()
}

func (h *Host) now() replica.Moment {
	return replica.Moment{Now: h.config.Clock.Now(), Wall: time.Now().UnixNano()}
}

// turnAtLeast is how long the loop sleeps at most: /livez counts on it.
const turnAtLeast = lease.Second

func (h *Host) pause(wakeAt lease.Instant) time.Duration {
	now := h.config.Clock.Now()
	return time.Duration(max(0, min(wakeAt.Sub(now), turnAtLeast)))
}

// handOut carries effects out: nothing here waits.
func (h *Host) handOut(eff *replica.Effects) {
	for _, op := range eff.Core.Disk {
		if s, ok := op.(zab.SendSnapshot); ok {
			h.snapshots.send(s)
			continue
		}
		h.metrics.op(op)
		h.disk.add(op)
	}
	if eff.Links != nil {
		h.peers.tend(eff.Links)
	}
	for _, x := range eff.Core.Sends {
		h.metrics.sent(x.Msg)
		h.peers.send(x)
	}
	for _, m := range eff.Clients {
		h.clients.send(m)
	}
	for _, x := range eff.Pauses {
		h.clients.pause(x)
	}
	h.leaving.flush(lease.Instant(h.turned.Load()))
	for _, x := range eff.Closes {
		h.clients.end(x)
	}
	for _, e := range eff.Core.Events {
		if d, ok := e.(zab.DropLink); ok {
			h.peers.end(d.Peer, d.Link)
		}
	}
	if eff.Freeze != nil {
		h.snapshots.freeze(eff.Freeze, eff.Mark, eff.KeepOld)
	}
	if eff.Compact > 0 {
		h.disk.add(compact{eff.Compact})
	}
	for _, l := range eff.Lines {
		h.lines.write(l)
	}
	h.audit.note(eff.Deeds)
	h.metrics.count(&eff.Counts)
}

// publish lets other goroutines see how the replica does, ten times a second.
func (h *Host) publish(r *replica.Replica, now lease.Instant) {
	h.turned.Store(int64(now))
	if now < h.told.Add(100*lease.Millisecond) && !r.Changed() {
		return
	}
	h.told = now
	h.alone.Store(!r.Quorate())
	s := r.Status(now)
	h.status.Store(&s)
	h.metrics.state(&s)
	h.metrics.trust(r)
}

// Status is what the replica said of itself after its last Step.
func (h *Host) Status() call.Status {
	if s := h.status.Load(); s != nil {
		return *s
	}
	return call.Status{Cell: h.config.Cell, Replica: h.config.ID, Role: "looking", Members: h.config.Members}
}

func (h *Host) peerOptions() conn.Options {
	o := conn.ForPeers()
	o.Network = h.config.Network
	if h.config.Keys != nil {
		o.TLS = h.config.Keys.Dialing()
	}
	return o
}

func (h *Host) treeOptions() tree.Options {
	return tree.Options{HistoryCount: h.config.History, HistoryBytes: h.config.HistoryBytes}
}

func describe(found wal.Recovered, b record.Birth) string {
	return fmt.Sprintf("%v: snapshot %v, log %d to %v, incarnation %d, start %d", b, found.Summary.Snapshot,
		found.Summary.First, found.Summary.Last, found.Hard.Incarnation, found.Hard.Boot)
}
