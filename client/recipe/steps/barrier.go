package steps

import "github.com/leasehold/leasehold/cell"

// The names of those who wait at a barrier begin so; this node says that it is open.
const (
	arrived = "at-"
	opened  = "open"
)

// Meet waits at the barrier for n until it is open.
func Meet(p Port, name string, n int) error {
	if err := agree(p, name, n); err != nil {
		return err
	}
	node, err := Own(p, name+"/"+arrived, nil, true, cell.Sequencer{})
	if err != nil {
		return err
	}
	if err := openAt(p, name, n); err != nil {
		giveUp(p, node)
		return err
	}
	return ignore(p.Remove(node), cell.ErrStaleHandle)
}

// giveUp lets who waits no more count no longer.
func giveUp(p Port, node Node) {
	last, done := p.Parting()
	defer done()
	_ = last.Remove(node)
}

// openAt waits until the barrier is open, and opens it when n are there.
func openAt(p Port, name string, n int) error {
	feed := p.Watch(name, WithChildren)
	defer feed.Stop()
	for there := newCrowd(name); ; {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		there.note(e)
		if _, open := there.all[opened]; open {
			return nil
		}
		if there.synced && there.count(arrived, 0) >= n {
			_, err := p.Create(name+"/"+opened, nil, false)
			return ignore(err, cell.ErrExists)
		}
	}
}

// CloseBarrier closes it again for those who come from now on.
func CloseBarrier(p Port, name string) error {
	return ignore(p.Delete(name+"/"+opened), cell.ErrNotFound)
}
