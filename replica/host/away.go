package host

import (
	"context"
	"errors"
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
func (p *peers) probing(m cell.Member) {
	defer p.wait.Done()
	next := time.NewTimer(firstProbe)
	defer next.Stop()
	for {
		select {
		case <-p.stop.Done():
			return
		case <-next.C:
		}
		next.Reset(probeEvery)
		p.mu.Lock()
		_, linked := p.links[m.ID]
		p.mu.Unlock()
		if linked {
			continue
		}
		_, err := askCell(p.stop, &p.host.config, m)
		if p.stop.Err() == nil {
			p.away(m.ID, err)
		}
	}
}
