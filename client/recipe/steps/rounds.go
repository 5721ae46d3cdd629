package steps

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/leasehold/leasehold/cell"
)

// Rounds is one participant of a double barrier for N at Name.
type Rounds struct {
	Name string
	N    int

	node  Node // while we are in
	round uint64
}

// Round is the number of the round that was entered last, from 1.
func (b *Rounds) Round() uint64 { return b.round + 1 }

// Enter waits until N have come.
func (b *Rounds) Enter(p Port) error {
	if b.node != nil {
		return fmt.Errorf("%w: entered and not left", cell.ErrUsage)
	}
	if err := agree(p, b.Name, b.N); err != nil {
		return err
	}
	for {
		contents, _, err := p.Read(b.Name + "/round")
		if ignore(err, cell.ErrNotFound) != nil {
			return err
		}
		round, err := b.number(contents)
		if err != nil {
			return err
		}
		in, err := b.enter(p, round)
		if in || err != nil {
			return err
		}
	}
}

// number is which round it is: the first while nothing says so.
func (b *Rounds) number(contents []byte) (uint64, error) {
	if len(contents) == 0 {
		return 0, nil
	}
	n, err := strconv.ParseUint(string(contents), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %s/round holds no number: %q", cell.ErrUsage, b.Name, contents)
	}
	return n, nil
}

// enter comes to a round: in says that it is ours, too; else it is over by now.
func (b *Rounds) enter(p Port, round uint64) (in bool, err error) {
	folder := b.folder(round)
	node, err := Own(p, folder+"/"+arrived, nil, true, cell.Sequencer{})
	if err != nil {
		return false, err
	}
	if in, err = b.begun(p, round, node.Instance()); in {
		b.node, b.round = node, round
		return true, nil
	}
	last, done := p.Parting()
	defer done()
	_ = last.Remove(node)
	_ = last.Delete(folder) // which our coming may have made anew; refused while it is in use
	return false, err
}

// begun waits until the round has begun with us, who came to it with the zxid mine: or, false, until
// it is over. It opens the round when N are there.
func (b *Rounds) begun(p Port, round, mine uint64) (bool, error) {
	feed := p.Watch(b.Name, Recursive)
	defer feed.Stop()
	for there := newCrowd(b.folder(round)); ; {
		e, err := feed.Next()
		if err != nil {
			return false, err
		}
		there.note(e)
		if string(e.Name) == b.Name+"/round" {
			if now, err := b.number(e.Contents); err != nil || now > round {
				return false, err
			}
		}
		open := there.all[opened]
		switch {
		case !there.synced:
		case open > mine:
			return true, nil
		case open == 0 && there.count(arrived, 0) >= b.N:
			_, err := p.Create(there.folder+"/"+opened, nil, false)
			if ignore(err, cell.ErrExists, cell.ErrNotFound) != nil {
				return false, err
			}
		}
	}
}

// Leave waits until all who entered have left or died.
func (b *Rounds) Leave(p Port) error {
	if b.node == nil {
		return fmt.Errorf("%w: not entered", cell.ErrUsage)
	}
	if err := ignore(p.Remove(b.node), cell.ErrStaleHandle); err != nil {
		return err
	}
	there := newCrowd(b.folder(b.round))
	feed := p.Watch(there.folder, WithChildren)
	defer feed.Stop()
	for {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		there.note(e)
		// Once the round is over its folder goes, and nobody can be left in it.
		if open := there.all[opened]; there.synced && (open == 0 || there.count(arrived, open) == 0) {
			b.node = nil
			return b.end(p)
		}
	}
}

// end opens the next round, if nobody else has, before anybody can come again.
func (b *Rounds) end(p Port) error {
	err := Update(p, b.Name+"/round", func(was []byte, _ bool) ([]byte, error) {
		now, err := b.number(was)
		return strconv.AppendUint(nil, max(now, b.round+1), 10), err
	})
	if err != nil {
		return err
	}
	for _, name := range []string{b.folder(b.round) + "/" + opened, b.folder(b.round)} {
		err := p.Delete(name)
		if err != nil && !errors.Is(err, cell.ErrNotFound) && !errors.Is(err, cell.ErrNotEmpty) {
			return err // somebody who came too late is still in the folder: it stays
		}
	}
	return nil
}

func (b *Rounds) folder(round uint64) string {
	return b.Name + "/" + strconv.FormatUint(round, 10)
}
