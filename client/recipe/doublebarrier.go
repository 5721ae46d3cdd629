package recipe

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// DoubleBarrier lets n or more begin something together and end it together, again and again: in rounds.
//
// Nobody passes Enter before n have come, nobody passes Leave before all n have left or died. Who
// comes to a round that has begun waits for the next one. A round costs each of the n three commits,
// and three more for all; each is sent a message for each who comes and each who goes.
type DoubleBarrier struct {
	s    *client.Session
	name string
	n    int

	node  *client.Handle // while we are in
	round uint64
}

// NewDoubleBarrier speaks of the double barrier for n at name, where all must say the same n. It
// touches no network. It is one participant's: Enter and Leave take turns.
func NewDoubleBarrier(s *client.Session, name string, n int) *DoubleBarrier {
	return &DoubleBarrier{s: s, name: name, n: n}
}

// Round is the number of the round that was entered last, from 1.
func (b *DoubleBarrier) Round() uint64 { return b.round + 1 }

// Enter waits until n have come.
func (b *DoubleBarrier) Enter(ctx context.Context) error {
	if b.node != nil {
		return fmt.Errorf("%w: entered and not left", cell.ErrUsage)
	}
	if err := agree(ctx, b.s, b.name, b.n); err != nil {
		return err
	}
	for {
		round, err := b.rounds().Get(ctx)
		if err != nil && !errors.Is(err, cell.ErrNotFound) {
			return err
		}
		in, err := b.enter(ctx, round)
		if in || err != nil {
			return err
		}
	}
}

// enter comes to a round: in says that it is ours, too; else it is over by now.
func (b *DoubleBarrier) enter(ctx context.Context, round uint64) (in bool, err error) {
	folder := b.folder(round)
	node, err := own(ctx, b.s, folder+"/"+arrived, nil, client.Sequential())
	if err != nil {
		return false, err
	}
	if in, err = b.begun(ctx, round, node.Instance()); in {
		b.node, b.round = node, round
		return true, nil
	}
	_ = node.Delete(ctx)
	_ = b.s.Delete(ctx, folder) // which our coming may have made anew; refused while it is in use
	return false, err
}

// begun waits until the round has begun with us, who came to it with the zxid mine: or, false, until
// it is over. It opens the round when n are there.
func (b *DoubleBarrier) begun(ctx context.Context, round, mine uint64) (bool, error) {
	there := newCrowd(b.folder(round))
	for e, err := range b.s.Watch(ctx, b.name, client.Recursive()) {
		if err != nil {
			return false, err
		}
		there.note(e)
		if e.Name == b.name+"/round" && len(e.Contents) > 0 {
			if now, err := b.rounds().decode(e.Contents); err != nil || now > round {
				return false, err
			}
		}
		open := there.all[opened]
		switch {
		case !there.synced:
		case open > mine:
			return true, nil
		case open == 0 && there.count(arrived, 0) >= b.n:
			_, err := b.s.Create(ctx, there.folder+"/"+opened, nil)
			if err != nil && !errors.Is(err, cell.ErrExists) && !errors.Is(err, cell.ErrNotFound) {
				return false, err
			}
		}
	}
	return false, context.Cause(ctx)
}

// Leave waits until all who entered have left or died.
func (b *DoubleBarrier) Leave(ctx context.Context) error {
	if b.node == nil {
		return fmt.Errorf("%w: not entered", cell.ErrUsage)
	}
	if err := b.node.Delete(ctx); err != nil && !errors.Is(err, cell.ErrStaleHandle) {
		return err
	}
	there := newCrowd(b.folder(b.round))
	for e, err := range b.s.Watch(ctx, there.folder, client.WithChildren()) {
		if err != nil {
			return err
		}
		there.note(e)
		// Once the round is over its folder goes, and nobody can be left in it.
		if open := there.all[opened]; there.synced && (open == 0 || there.count(arrived, open) == 0) {
			b.node = nil
			return b.end(ctx)
		}
	}
	return context.Cause(ctx)
}

// end opens the next round, if nobody else has, before anybody can come again.
func (b *DoubleBarrier) end(ctx context.Context) error {
	_, err := b.rounds().Update(ctx, func(now uint64) (uint64, error) { return max(now, b.round+1), nil })
	if err != nil {
		return err
	}
	for _, name := range []string{b.folder(b.round) + "/" + opened, b.folder(b.round)} {
		err := b.s.Delete(ctx, name)
		if err != nil && !errors.Is(err, cell.ErrNotFound) && !errors.Is(err, cell.ErrNotEmpty) {
			return err // somebody who came too late is still in the folder: it stays
		}
	}
	return nil
}

func (b *DoubleBarrier) rounds() *Value[uint64] { return NewValue[uint64](b.s, b.name+"/round") }

func (b *DoubleBarrier) folder(round uint64) string {
	return b.name + "/" + strconv.FormatUint(round, 10)
}
