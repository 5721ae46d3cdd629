package steps

import (
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// What the names of the nodes of a sequential lock begin with; the number follows.
const (
	Writer = "write-"
	Reader = "read-"
)

// TakeInTurn is ZooKeeper's lock recipe: a sequential node, as Writer or Reader, and a wait for the one
// before it; a reader waits for the last writer before it.
func TakeInTurn(p Port, folder, kind string) (*Place, error) {
	place, err := TakePlace(p, folder+"/"+kind, true, cell.Sequencer{})
	if err != nil {
		return nil, err
	}
	held, done := p.Within(place.Hold)
	defer done()
	if err := awaitTurn(held, folder, base(place.Node.Name())); err != nil {
		place.drop(p)
		return nil, err
	}
	return place, nil
}

// awaitTurn waits until nobody is before us.
func awaitTurn(p Port, folder, self string) error {
	for {
		names, err := p.List(folder)
		if err != nil {
			return err
		}
		before := predecessor(names, self)
		if before == "" {
			return nil
		}
		if err := Gone(p, folder+"/"+before); err != nil {
			return err
		}
	}
}

// predecessor is whom self waits for: the last one before it, or for a reader the last writer
// before it; "" if there is none.
func predecessor(names []string, self string) string {
	best := ""
	for _, name := range names {
		waits := strings.HasPrefix(self, Writer) || strings.HasPrefix(name, Writer)
		if waits && number(name) != "" && number(name) < number(self) && (best == "" || number(name) > number(best)) {
			best = name
		}
	}
	return best
}

// number is the part of a sequential name that the cell has given; "" if it is none.
func number(name string) string {
	if at := len(name) - call.SequenceDigits; at > 0 && slices.Contains([]string{Writer, Reader}, name[:at]) {
		return name[at:]
	}
	return ""
}
