package recipe

import (
	"context"
	"errors"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// place is a steps.Place in a session: an ephemeral node with its own lock held.
type place struct {
	s *client.Session
	*steps.Place
}

// leave ends the place; another may have it as soon as the cell knows.
func (p *place) leave(ctx context.Context) error { return p.Leave(port{ctx, p.s}) }

func (p *place) hold() *client.Hold { return p.Hold.(*client.Hold) }

func (p *place) context() context.Context { return p.hold().Context() }

// ignore makes nothing of an error that means: it is done already.
func ignore(err, done error) error {
	if errors.Is(err, done) {
		return nil
	}
	return err
}

func (p *place) sequencer() cell.Sequencer { return p.Hold.Sequencer() }
