package recipe

import (
	"context"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// DoubleBarrier lets n or more begin something together and end it together, again and again: in rounds.
//
// Nobody passes Enter before n have come, nobody passes Leave before all n have left or died. Who
// comes to a round that has begun waits for the next one. A round costs each of the n three commits,
// and four more for all; each is sent a message for each who comes and each who goes.
type DoubleBarrier struct {
	s      *client.Session
	rounds steps.Rounds
}

// NewDoubleBarrier speaks of the double barrier for n at name, where all must say the same n. It
// touches no network. It is one participant's: Enter and Leave take turns.
func NewDoubleBarrier(s *client.Session, name string, n int) *DoubleBarrier {
	return &DoubleBarrier{s, steps.Rounds{Name: name, N: n}}
}

// Round is the number of the round that was entered last, from 1.
func (b *DoubleBarrier) Round() uint64 { return b.rounds.Round() }

// Enter waits until n have come.
func (b *DoubleBarrier) Enter(ctx context.Context) error { return b.rounds.Enter(port{ctx, b.s}) }

// Leave waits until all who entered have left or died.
func (b *DoubleBarrier) Leave(ctx context.Context) error { return b.rounds.Leave(port{ctx, b.s}) }
