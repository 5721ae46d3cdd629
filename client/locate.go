package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

const (
	pauseLeast = 20 * time.Millisecond // between two rounds of asking
	pauseMost  = 500 * time.Millisecond
	addresses  = 32 // most to ask: endpoints and what was learned from them
)

// query asks the master one question without a session, for Config.Patience at most. Reads can
// be asked again wherever they were lost.
func (c *Client) query(ctx context.Context, op, name string, ask call.Ask) (*call.QueryReply, error) {
	patience, cancel := context.WithTimeout(ctx, c.cfg.Patience)
	defer cancel()
	pause := pauseLeast
	for {
		r, err := c.queryOnce(patience, ask)
		if err == nil {
			c.horizon.saw(r.Zxid) // a refusal tells of the tree too
			err = call.ErrorOf(r.Code, r.Message, r.Limit, r.RetryAfter)
		}
		again := errors.Is(err, cell.ErrNoMaster) || errors.Is(err, cell.ErrOverloaded)
		switch {
		case err == nil:
			return r, nil
		case ctx.Err() != nil:
			return nil, opError(op, name, NotApplied, fmt.Errorf("%w: %w", err, context.Cause(ctx)))
		case !again || patience.Err() != nil:
			return nil, opError(op, name, NotApplied, err)
		}
		wait := comeAgain(err, pause)
		pause = min(2*pause, pauseMost)
		if !sleep(patience, wait) {
			return nil, opError(op, name, NotApplied, orCause(ctx, err))
		}
	}
}

// comeAgain is when to ask again: after about a pause, or when it was said to.
func comeAgain(err error, pause time.Duration) time.Duration {
	wait := pause/2 + rand.N(pause/2)
	if busy, ok := errors.AsType[*cell.OverloadedError](err); ok {
		wait = max(wait, min(busy.RetryAfter, pauseMost))
	}
	return wait
}

// orCause adds the end of the caller's context to what was wrong.
func orCause(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, context.Cause(ctx))
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// queryOnce finds the master and asks it. A broken line is ErrNoMaster: nothing happened.
func (c *Client) queryOnce(ctx context.Context, ask call.Ask) (*call.QueryReply, error) {
	l, err := c.lines.toMaster(ctx)
	if err != nil {
		return nil, err
	}
	once, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	r, err := l.ask(once, ask)
	if err == nil && call.ErrorOf(r.Code, "", nil, 0) != cell.ErrNoMaster {
		return r, nil
	}
	c.lines.leave(l)
	if err == nil {
		return r, nil
	}
	if once.Err() != nil {
		l.end(fmt.Errorf("%w: no answer", cell.ErrNoMaster))
	}
	return nil, &NoMasterError{Endpoints: []EndpointError{{Endpoint: l.address, Err: err}}}
}

// toMaster gives the line that leads to the master, and looks for it if there is none.
func (p *lines) toMaster(ctx context.Context) (*line, error) {
	p.mu.Lock()
	l := p.master
	p.mu.Unlock()
	if l != nil && l.alive() {
		return l, nil
	}
	l, err := p.find(ctx)
	if err == nil {
		p.mu.Lock()
		p.master = l
		p.mu.Unlock()
	}
	return l, err
}

// leave: the line does not lead to the master any more.
func (p *lines) leave(l *line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.master == l {
		p.master = nil
	}
}

// word is what one address said.
type word struct {
	address string
	line    *line
	located *call.Located
	err     error
}

// find asks every address at once who is master. The first replica that says so of itself is
// taken if nobody has named a later mastership; else the one that the highest epoch names.
func (p *lines) find(ctx context.Context) (*line, error) {
	words := p.askAll(ctx)
	var best *word
	for i := range words {
		w := &words[i]
		if w.err == nil && w.located.Master != 0 && (best == nil || w.better(best)) {
			best = w
		}
	}
	if best != nil && best.own() {
		return best.line, nil
	}
	if best != nil && best.located.Client != "" {
		p.learn(best.located.Client)
		l, err := p.to(ctx, best.located.Client)
		if err == nil {
			return l, nil
		}
		words = append(words, word{address: best.located.Client, err: err})
	}
	return nil, noMasterIn(words)
}

func (w *word) own() bool { return w.located.Master == w.line.welcome.Replica }

func (w *word) better(than *word) bool {
	if w.located.Epoch != than.located.Epoch {
		return w.located.Epoch > than.located.Epoch
	}
	return w.own() && !than.own()
}

// noMasterIn says, address by address, why there is no master. When all that answered are of
// another cell it is ErrWrongCell.
func noMasterIn(words []word) error {
	e := &NoMasterError{}
	wrong := 0
	for _, w := range words {
		err := w.err
		if err == nil {
			why := w.located.Why
			if why == "" {
				why = fmt.Sprintf("it names replica %d in epoch %d", w.located.Master, w.located.Epoch)
			}
			err = fmt.Errorf("%w: %s", cell.ErrNoMaster, why)
		}
		if errors.Is(err, cell.ErrWrongCell) {
			wrong++
		}
		e.Endpoints = append(e.Endpoints, EndpointError{Endpoint: w.address, Err: err})
	}
	if wrong > 0 && wrong == len(words) {
		return fmt.Errorf("%s: %w", e.Endpoints[0].Endpoint, e.Endpoints[0].Err)
	}
	return e
}

func (p *lines) learn(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := slices.Contains(p.learned, address) || slices.Contains(p.c.cfg.Endpoints, address)
	if !known && len(p.learned) < addresses {
		p.learned = append(p.learned, address)
	}
}

func (p *lines) addresses() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(slices.Clone(p.c.cfg.Endpoints), p.learned...)
}

// askAll asks every address who is master, at once. It waits for all answers, but no longer
// than answerPatience, and not beyond the first who says that it is master itself and whom
// nobody contradicts with a later epoch before.
func (p *lines) askAll(ctx context.Context) []word {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	all := p.addresses()
	answers := make(chan word, len(all))
	for _, address := range all {
		go func() {
			l, err := p.to(ctx, address)
			w := word{address: address, line: l, err: err}
			if err == nil {
				w.located, w.err = l.locate(ctx)
			}
			answers <- w
		}()
	}
	words := make([]word, 0, len(all))
	for range all {
		w := <-answers
		words = append(words, w)
		if w.err == nil && w.own() && !slices.ContainsFunc(words, func(o word) bool {
			return o.err == nil && o.located.Epoch > w.located.Epoch
		}) {
			break
		}
	}
	slices.SortFunc(words, func(a, b word) int {
		return slices.Index(all, a.address) - slices.Index(all, b.address)
	})
	return words
}

// Ping asks every endpoint once who is master and how it is, within Config.Patience. nil: a
// master was reached. Else a *NoMasterError that says, endpoint by endpoint, what is wrong.
func (c *Client) Ping(ctx context.Context) error {
	patience, cancel := context.WithTimeout(ctx, c.cfg.Patience)
	defer cancel()
	_, err := c.lines.find(patience)
	if err != nil {
		return opError("ping", "", NotApplied, orCause(ctx, err))
	}
	return nil
}
