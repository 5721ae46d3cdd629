package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica"
)

// away tells the replica why another could not be reached, in a word where one says it.
func (p *peers) away(id cell.ReplicaID, err error) {
	p.host.inbox.put(replica.Away{ID: id, Why: reason(err)})
}

func reason(err error) string {
	why := ""
	if err != nil {
		why = err.Error()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || strings.Contains(why, "i/o timeout"):
		return "timeout"
	case strings.Contains(why, "connection refused"):
		return "refused"
	}
	return why
}

// A replica that should dial us, and has not, is asked whether it lives: soon, then now and then.
const (
	firstProbe = 300 * time.Millisecond
	probeEvery = time.Second
)

// probing finds out why a replica of a higher id, which dials and is not dialed, is away: so that
// each replica can say of every other what is wrong.
//
// If it lives and still does not dial, it does not know of us: it may have removed this replica, and
// will say so when it is dialed.
func (p *peers) probing(id cell.ReplicaID) {
	lives := false
	next := time.NewTimer(firstProbe)
	defer next.Stop()
	for p.tends(id) {
		select {
		case <-p.stop.Done():
			return
		case <-next.C:
		}
		next.Reset(probeEvery)
		p.mu.Lock()
		_, linked := p.links[id]
		p.mu.Unlock()
		if linked {
			lives = false
			continue
		}
		if lives {
			_, _ = p.dial(id)
		}
		err := p.ask(id)
		if lives = err == nil; p.stop.Err() == nil {
			p.away(id, err)
		}
	}
}

// ask asks a replica which cell it is of, wherever it is known to be.
func (p *peers) ask(id cell.ReplicaID) error {
	err := fmt.Errorf("%w: nobody knows where replica %d is", cell.ErrNotFound, id)
	for _, at := range p.book.of(id) {
		if _, err = askCell(p.stop, &p.host.config, cell.Member{ID: id, Peer: at}); err == nil {
			break
		}
	}
	return err
}
