package recipe

import (
	"context"
	"iter"
	"sync"

	"github.com/leasehold/leasehold/client"
)

// news is an event of a watch, a state that the session has entered (Event.Kind is 0 then), or
// why there is no more.
type news struct {
	client.Event
	state client.State
	err   error
}

// follow tells of the events of a watch and of the states of its session, in the order in which
// each has them. It ends by break or after news with an error.
func follow(ctx context.Context, s *client.Session, name string, o ...client.WatchOption) iter.Seq[news] {
	return func(yield func(news) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var all sync.WaitGroup
		defer all.Wait()
		defer cancel()
		told := make(chan news)
		tell := func(n news) bool {
			select {
			case told <- n:
				return true
			case <-ctx.Done():
				return false
			}
		}
		all.Go(func() {
			for st := range s.States(ctx) {
				if !tell(news{state: st}) {
					return
				}
			}
		})
		all.Go(func() {
			for e, err := range s.Watch(ctx, name, o...) {
				if !tell(news{Event: e, err: err}) {
					return
				}
			}
		})
		for {
			select {
			case n := <-told:
				if !yield(n) || n.err != nil {
					return
				}
			case <-ctx.Done():
				yield(news{err: context.Cause(ctx)})
				return
			}
		}
	}
}
