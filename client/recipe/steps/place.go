package steps

import "github.com/leasehold/leasehold/cell"

// Place is an ephemeral node of this session with its own lock held: it is gone for the others
// only after the hold's Context has ended here, and its sequencer proves it.
type Place struct {
	Node Node
	Hold Hold
}

// TakePlace makes an ephemeral node and takes its lock. Two commits.
func TakePlace(p Port, name string, sequential bool, held cell.Sequencer) (*Place, error) {
	node, err := Own(p, name, nil, sequential, held)
	if err != nil {
		return nil, err
	}
	return lockPlace(p, node)
}

// TakePlaceWhenFree is TakePlace of a name that another session may still have.
func TakePlaceWhenFree(p Port, name string) (*Place, error) {
	node, err := OwnWhenFree(p, name, nil)
	if err != nil {
		return nil, err
	}
	return lockPlace(p, node)
}

func lockPlace(p Port, node Node) (*Place, error) {
	hold, err := p.TryLock(node)
	if err != nil {
		last, done := p.Parting()
		defer done()
		_ = last.Remove(node)
		return nil, err
	}
	return &Place{node, hold}, nil
}

// Leave ends the place; another may have it as soon as the cell knows.
func (x *Place) Leave(p Port) error {
	return ignore(p.Remove(x.Node), cell.ErrStaleHandle) // its hold ends first
}

// drop leaves a place that was taken in vain: who waits for it must not wait for our session's end.
func (x *Place) drop(p Port) {
	last, done := p.Parting()
	defer done()
	_ = x.Leave(last)
}
