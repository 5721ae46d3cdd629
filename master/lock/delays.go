package lock

import (
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// Key names one lock-delay: the lock, and the token of the transaction that began it.
type Key struct {
	Name  cell.Name
	Token uint64
}

// Delays are the deadlines of the lock-delays in progress.
type Delays struct {
	queue  lease.Queue[Key]
	byName map[cell.Name][]Key
}

// Start counts a lock-delay in full from now (C3).
func (d *Delays) Start(now lease.Instant, k Key, length lease.Duration) {
	if d.byName == nil {
		d.byName = map[cell.Name][]Key{}
	}
	if !slices.Contains(d.byName[k.Name], k) {
		d.byName[k.Name] = append(d.byName[k.Name], k)
	}
	d.queue.Set(k, now.Add(length))
}

func (d *Delays) unlist(k Key) {
	keys := d.byName[k.Name]
	if i := slices.Index(keys, k); i >= 0 {
		keys = slices.Delete(keys, i, i+1)
	}
	if len(keys) == 0 {
		delete(d.byName, k.Name)
		return
	}
	d.byName[k.Name] = keys
}

// Due takes out at most so many lock-delays that are over, rising by name, then token.
func (d *Delays) Due(now lease.Instant, most int) []Key {
	var due []Key
	for len(due) < most {
		k, ok := d.queue.Due(now)
		if !ok {
			break
		}
		d.unlist(k)
		due = append(due, k)
	}
	slices.SortFunc(due, func(a, b Key) int {
		if c := strings.Compare(string(a.Name), string(b.Name)); c != 0 {
			return c
		}
		if a.Token < b.Token {
			return -1
		}
		return 1
	})
	return due
}

// Left is how long the lock at n stays taken by lock-delays at least; 0 when it is in none.
func (d *Delays) Left(now lease.Instant, n cell.Name) lease.Duration {
	var left lease.Duration
	for _, k := range d.byName[n] {
		if at, ok := d.queue.At(k); ok {
			left = max(left, at.Sub(now))
		}
	}
	return left
}

// Wake is when Due has something; lease.Never when there is none in progress.
func (d *Delays) Wake() lease.Instant { return d.queue.Next() }

// Len is how many lock-delays are in progress.
func (d *Delays) Len() int { return d.queue.Len() }
