package host

import (
	"slices"
	"sync"

	"github.com/leasehold/leasehold/cell"
)

// book is where the other replicas are reached by their peers. What the cell's lists say comes
// first, then what the file says: a replica is known by its id and directory, not by where it is.
// Names in addresses are looked up anew at each dial.
type book struct {
	mu     sync.Mutex
	listed cell.Members
	file   cell.Members
	said   map[cell.ReplicaID]string // by replicas in neither, of themselves
}

// mostSaid bounds the addresses kept of replicas that no list names (B1).
const mostSaid = 16

func (b *book) of(id cell.ReplicaID) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, list := range []cell.Members{b.listed, b.file} {
		if m, ok := list.Find(id); ok && m.Peer != "" && !slices.Contains(all, m.Peer) {
			all = append(all, m.Peer)
		}
	}
	if at := b.said[id]; at != "" && len(all) == 0 {
		all = append(all, at)
	}
	return all
}

// hear notes where a replica that dialed us says it is.
func (b *book) hear(id cell.ReplicaID, at string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, listed := b.listed.Find(id)
	_, filed := b.file.Find(id)
	if at == "" || listed || filed {
		return
	}
	if b.said == nil || len(b.said) >= mostSaid {
		b.said = map[cell.ReplicaID]string{}
	}
	b.said[id] = at
}

// tend keeps links with these replicas from now on, and with no others. The loop calls it.
func (p *peers) tend(list cell.Members) {
	p.book.mu.Lock()
	p.book.listed = list
	p.book.mu.Unlock()
	self := p.host.config.ID
	for _, m := range list {
		p.mu.Lock()
		idle := m.ID != self && !p.tended[m.ID] && p.stop.Err() == nil
		if idle {
			p.tended[m.ID] = true
			p.wait.Add(1)
		}
		p.mu.Unlock()
		if idle {
			go p.tending(m.ID)
		}
	}
}

// tending dials whoever has a lower id, and asks after whoever should dial us.
func (p *peers) tending(id cell.ReplicaID) {
	defer p.wait.Done()
	if id < p.host.config.ID {
		p.dialing(id)
	} else {
		p.probing(id)
	}
}

// tends reports whether a link with id is wanted still; if not, its goroutine must end.
func (p *peers) tends(id cell.ReplicaID) bool {
	p.book.mu.Lock()
	_, listed := p.book.listed.Find(id)
	p.book.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if listed && p.stop.Err() == nil {
		return true
	}
	delete(p.tended, id)
	return false
}
