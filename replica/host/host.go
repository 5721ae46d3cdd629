package host

import (
	"errors"
	"fmt"
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
	refusals  refusals
	status    atomic.Pointer[call.Status] // as of the last Step; may be old by a second
	turned    atomic.Int64                // when the loop last turned, by the clock
	told      lease.Instant               // when status was last published; the loop's
	stopping  atomic.Bool

	ending sync.Once
	failed error         // why it ended by itself; set before dead is closed
	dead   chan struct{} // closed at the first failure, or by Stop
	done   chan struct{} // closed when the loop has ended
}

// Listeners are where a replica is reached. They may have been opened earlier, so that a free
// port stays taken.
type Listeners struct {
	Client, Peer *conn.Listener
	HTTP         webListener
}

// Start opens the data directory and begins to serve on the listeners, which it then owns.
// Errors say what was wrong with the directory and what to do.
func Start(c Config, at Listeners) (*Host, error) {
	if err := c.fill(); err != nil {
		return nil, errors.Join(err, at.close())
	}
	h := &Host{config: c, inbox: newInbox(), dead: make(chan struct{}), done: make(chan struct{}), metrics: newMetrics()}
	r, log, eff, err := h.recover()
	if err != nil {
		return nil, errors.Join(err, at.close())
	}
	h.lines = newLines(c.Log)
	h.disk = newDisk(h, log)
	h.peers = newPeers(h, at.Peer)
	h.clients = newClients(h, at.Client)
	h.http = newWeb(h, at.HTTP)
	h.turned.Store(int64(c.Clock.Now()))
	go h.loop(r, eff)
	h.peers.start()
	h.clients.wait.Add(1)
	go h.clients.run()
	h.http.start()
	return h, nil
}

func (l Listeners) close() error {
	errs := []error{l.Client.Close(), l.Peer.Close()}
	if l.HTTP != nil {
		errs = append(errs, l.HTTP.Close())
	}
	return errors.Join(errs...)
}

// loop is the one goroutine that owns the replica.
func (h *Host) loop(r *replica.Replica, eff *replica.Effects) {
	defer close(h.done)
	var in []replica.Input
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		h.handOut(eff)
		if eff.Fatal != "" {
			h.fail(errors.New(eff.Fatal))
		}
		timer.Reset(h.pause(eff.WakeAt))
		eff.Reset()
		select {
		case <-h.inbox.ready:
		case <-timer.C:
		case <-h.dead:
			return
		}
		in = h.inbox.drain(in)
		at := replica.Moment{Now: h.config.Clock.Now(), Wall: time.Now().UnixNano()} // L4: after the drain
		r.Step(at, in, eff)
		h.publish(r, at.Now)
	}
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
	for _, x := range eff.Core.Sends {
		h.metrics.sent(x.Msg)
		h.peers.send(x)
	}
	for _, m := range eff.Clients {
		h.clients.send(m)
	}
	for _, x := range eff.Closes {
		h.clients.end(x)
	}
	for _, e := range eff.Core.Events {
		if d, ok := e.(zab.DropLink); ok {
			h.peers.end(d.Peer, d.Link)
		}
	}
	if eff.Freeze != nil {
		h.snapshots.freeze(eff.Freeze, eff.Mark)
	}
	if eff.Compact > 0 {
		h.disk.add(compact{eff.Compact})
	}
	for _, l := range eff.Lines {
		h.lines.write(l)
	}
	h.metrics.count(&eff.Counts)
}

// publish lets other goroutines see how the replica does, ten times a second.
func (h *Host) publish(r *replica.Replica, now lease.Instant) {
	h.turned.Store(int64(now))
	if now < h.told.Add(100*lease.Millisecond) && !r.Changed() {
		return
	}
	h.told = now
	s := r.Status(now)
	h.status.Store(&s)
	h.metrics.state(&s)
}

// Status is what the replica said of itself after its last Step.
func (h *Host) Status() call.Status {
	if s := h.status.Load(); s != nil {
		return *s
	}
	return call.Status{Cell: h.config.Cell, Replica: h.config.ID, Role: "looking", Members: h.config.Members}
}

// fail ends the loop; nil is Stop's. Only the first reason counts.
func (h *Host) fail(err error) {
	h.ending.Do(func() {
		h.failed = err
		close(h.dead)
	})
}

// Dead is closed when the replica has ended; Err then says why, if it ended by itself (Z9).
func (h *Host) Dead() <-chan struct{} { return h.dead }

// Err is why the replica ended by itself, or nil.
func (h *Host) Err() error {
	select {
	case <-h.dead:
		return h.failed
	default:
		return nil
	}
}

// Stop hands a mastership over, closes everything and waits for it. It gives the replica's own
// error, if it had one.
func (h *Host) Stop() error {
	if !h.stopping.CompareAndSwap(false, true) {
		<-h.done
		return h.Err()
	}
	h.inbox.put(replica.Stop{})
	h.handedOver()
	h.fail(nil)
	<-h.done
	h.inbox.close()
	h.http.close()
	h.clients.close()
	h.peers.close()
	h.snapshots.wait.Wait()
	err := h.disk.close()
	h.lines.close()
	return errors.Join(h.Err(), err)
}

// handedOver waits, within a second, until another replica leads, or none can.
func (h *Host) handedOver() {
	deadline := time.NewTimer(time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if s := h.Status(); s.Role != "master" && (s.Master != 0 && s.Master != h.config.ID || len(h.config.Members) == 1) {
			return
		}
		h.inbox.put() // a turn of the loop publishes anew
		select {
		case <-deadline.C:
			return
		case <-h.dead:
			return
		case <-tick.C:
		}
	}
}

func (h *Host) peerOptions() conn.Options {
	o := conn.ForPeers()
	o.Network = h.config.Network
	return o
}

func (h *Host) treeOptions() tree.Options {
	return tree.Options{HistoryCount: h.config.History, HistoryBytes: h.config.HistoryBytes}
}

func describe(found wal.Recovered, b record.Birth) string {
	return fmt.Sprintf("%v: snapshot %v, log %d to %v, incarnation %d, start %d", b, found.Summary.Snapshot,
		found.Summary.First, found.Summary.Last, found.Hard.Incarnation, found.Hard.Boot)
}
