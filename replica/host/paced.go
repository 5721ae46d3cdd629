package host

import (
	"io"
	"time"

	"github.com/leasehold/leasehold/cell"
)

// paced is where a snapshot is written to: after each piece it rests for restTimes as long as that took. A large
// tree takes seconds; who computed all the while would keep the loop, where both share one core, from its turns
// for ten milliseconds each, and the other replicas of the machine from theirs.
type paced struct {
	to    io.Writer
	since time.Time       // it has rested
	dead  <-chan struct{} // who ends does not wait for a snapshot
}

// restTimes: the snapshots of replicas come at the same record, and those of one host share its cores.
const restTimes = 2

func newPaced(to io.Writer, dead <-chan struct{}) *paced {
	return &paced{to: to, since: time.Now(), dead: dead}
}

// Write ends with cell.ErrClosed when the replica has ended.
func (p *paced) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	if err != nil {
		return n, err
	}
	rest := time.NewTimer(restTimes * time.Since(p.since))
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-p.dead:
		return n, cell.ErrClosed
	}
	p.since = time.Now()
	return n, nil
}
