package host

import (
	"errors"
	"time"

	"github.com/leasehold/leasehold/replica"
)

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
// error, if it had one. Stopping twice is harmless.
func (h *Host) Stop() error {
	if h.stopping.CompareAndSwap(false, true) {
		led := h.Status().Role == "master"
		h.inbox.put(replica.Stop{})
		if led && len(h.config.Members) > 1 {
			h.handedOver()
		}
		h.fail(nil)
	}
	<-h.shut
	return errors.Join(h.Err(), h.unshut)
}

// handoverPatience is how long a clean stop waits for another master.
const handoverPatience = time.Second

// handedOver waits until another replica leads, or none can.
func (h *Host) handedOver() {
	deadline := time.NewTimer(handoverPatience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		s := h.Status()
		if s.Role != "master" && (h.alone.Load() || s.Master != 0 && s.Master != h.config.ID) {
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

// end closes everything once the loop has ended, whoever ended it: a replica that has failed
// does not keep its peers and its clients waiting (Z9).
func (h *Host) end() {
	<-h.done
	h.inbox.close()
	h.http.close()
	h.clients.close()
	h.peers.close()
	h.snapshots.wait.Wait()
	h.unshut = h.disk.close()
	h.audit.close()
	h.lines.close()
	close(h.shut)
}
