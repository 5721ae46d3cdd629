package recipe

import (
	"context"
	"errors"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// Between two attempts to get a session, or an answer, while there is no master; and how long it
// may take to put things in order when the work is over.
const (
	retryFirst    = 100 * time.Millisecond
	retryMost     = 2 * time.Second
	closePatience = time.Second
)

// Lasting runs do with a session that it opens, and with a new one each time that do fails after its
// session has ended or a hold in it was lost (ErrLockLost). It looks for a master as long as ctx
// allows. do must have ended what it began when it returns; its session is closed then, which takes a
// second at most. The error is do's, or ctx's.
func Lasting(ctx context.Context, c *client.Client, do func(ctx context.Context, s *client.Session) error) error {
	for {
		s, err := newSession(ctx, c)
		if err != nil {
			return err
		}
		err = do(ctx, s)
		lost := s.Context().Err() != nil || errors.Is(err, cell.ErrLockLost)
		closeSession(s)
		if err == nil || !lost || ctx.Err() != nil {
			return err
		}
	}
}

func newSession(ctx context.Context, c *client.Client) (*client.Session, error) {
	for pause := retryFirst; ; pause = min(2*pause, retryMost) {
		s, err := c.NewSession(ctx)
		if err == nil || !errors.Is(err, cell.ErrNoMaster) || ctx.Err() != nil {
			return s, err
		}
		if err := rest(ctx, pause); err != nil {
			return nil, err
		}
	}
}

func closeSession(s *client.Session) {
	ctx, cancel := parting(context.Background())
	defer cancel()
	_ = s.Close(ctx) // the end of its lease does it too
}

// parting is for what is put in order when the work is over, also because ctx has ended. What it
// cannot do in time the end of the session does.
func parting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), closePatience)
}

// rest waits for d, or until ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
