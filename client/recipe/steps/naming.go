package steps

import (
	"encoding/json"
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Numbers are those kept at Name, of which each is given once.
type Numbers struct {
	Name string

	next, last uint64 // what is left of our block
}

// Next gives a number, from 1, greater than any that it gave before. When there is none left, it takes
// the next block of that many for itself.
func (n *Numbers) Next(p Port, block uint64) (uint64, error) {
	if n.next == n.last {
		last, err := takeBlock(p, n.Name, block)
		if err != nil {
			return 0, err
		}
		n.next, n.last = last-block, last
	}
	n.next++
	return n.next, nil
}

// takeBlock gives the last number of a new block.
func takeBlock(p Port, name string, block uint64) (last uint64, err error) {
	err = Update(p, name, func(was []byte, there bool) ([]byte, error) {
		if last = 0; there {
			if err := json.Unmarshal(was, &last); err != nil {
				return nil, fmt.Errorf("%w: %s holds no number: %w", cell.ErrUsage, name, err)
			}
		}
		last += block
		return json.Marshal(last)
	})
	return last, err
}
