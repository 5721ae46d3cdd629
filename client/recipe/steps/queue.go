package steps

import (
	"errors"

	"github.com/leasehold/leasehold/cell"
)

// Put adds an element to the queue in a folder and gives its name.
func Put(p Port, folder string, priority int, data []byte) (string, error) {
	return p.Create(folder+"/"+elementPrefix(priority), data, true)
}

// Claim is an element in the hands of a consumer. Its place is gone for the others only when nothing that
// the consumer has been told of it stands any more: a killed session's nodes without a lock go before that.
type Claim struct {
	Name     string
	Contents []byte
	Priority int
	Place    *Place
	stand    *Place // the consumer's own
}

// TakeStand is a consumer's coming: what it claims stands as long as the place does.
func TakeStand(p Port, folder string) (*Place, error) {
	return TakePlace(p, folder+"/"+consumers+"/", true, cell.Sequencer{})
}

// Take claims one element after the other, the first of those there are, until yield wants no more.
func Take(p Port, folder string, stand *Place, yield func(*Claim) bool) error {
	feed := p.Watch(folder, WithChildren)
	defer feed.Stop()
	for shelf := newShelf(folder); ; {
		name, err := shelf.next(feed)
		if err != nil {
			return err
		}
		claim, err := claimOne(p, stand, name)
		if err != nil {
			return err
		}
		if claim == nil {
			shelf.refused(name)
			continue
		}
		if shelf.took(name); !yield(claim) {
			return nil
		}
	}
}

// claimOne claims an element; nil if it is another's by now, or gone.
func claimOne(p Port, stand *Place, name string) (*Claim, error) {
	place, err := TakePlace(p, name+claimSuffix, false, stand.Hold.Sequencer())
	if errors.Is(err, cell.ErrExists) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	contents, _, err := p.Read(name) // it may be acknowledged already: its claim went with it
	if err != nil {
		place.drop(p)
		return nil, ignore(err, cell.ErrNotFound)
	}
	return &Claim{Name: name, Contents: contents, Priority: priorityOf(name), Place: place, stand: stand}, nil
}

// Ack removes the element for ever, and its claim with it, while the consumer's hold stands.
func (k *Claim) Ack(p Port) error {
	return consume(p, k.stand.Hold.Sequencer(), k.Name, k.Name+claimSuffix)
}

// Return gives the element back, to be claimed anew in its old place.
func (k *Claim) Return(p Port) error { return k.Place.Leave(p) }
