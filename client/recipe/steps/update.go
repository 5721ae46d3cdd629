package steps

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/leasehold/leasehold/cell"
)

// Update replaces a node's contents by what change makes of them, and makes a missing node (contents
// are nil then). change is asked again when somebody else has written meanwhile: no update is lost.
func Update(p Port, name string, change func(was []byte, there bool) ([]byte, error)) error {
	for {
		was, generation, err := p.Read(name)
		if err != nil && !errors.Is(err, cell.ErrNotFound) {
			return err
		}
		is, bad := change(was, err == nil)
		if bad != nil {
			return bad
		}
		if err != nil {
			_, err = p.Create(name, is, false)
		} else {
			err = p.Write(name, is, generation, cell.Sequencer{})
		}
		if !overtaken(err) {
			return err
		}
	}
}

// overtaken: somebody else has written, made or removed the node since it was read.
func overtaken(err error) bool {
	return errors.Is(err, cell.ErrGeneration) || errors.Is(err, cell.ErrExists) || errors.Is(err, cell.ErrNotFound)
}

// agree makes all who meet at a node speak of the same number, which stands in its contents: the
// first writes it. ErrConflict for who means another.
func agree(p Port, name string, n int) error {
	if n < 1 {
		return fmt.Errorf("%w: %d at %s", cell.ErrUsage, n, name)
	}
	for {
		contents, _, err := p.Read(name)
		switch {
		case err == nil && string(contents) == strconv.Itoa(n):
			return nil
		case err == nil:
			return fmt.Errorf("%w: %s is for %q, not for %d", cell.ErrConflict, name, contents, n)
		case !errors.Is(err, cell.ErrNotFound):
			return err
		}
		if _, err := p.Create(name, []byte(strconv.Itoa(n)), false); ignore(err, cell.ErrExists) != nil {
			return err
		}
	}
}
