package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// horizon is the newest zxid that anybody who uses this client was shown: no replica may answer
// with less.
type horizon struct{ zxid atomic.Uint64 }

func (h *horizon) saw(z cell.Zxid) {
	for {
		old := h.zxid.Load()
		if uint64(z) <= old || h.zxid.CompareAndSwap(old, uint64(z)) {
			return
		}
	}
}

func (h *horizon) newest() cell.Zxid { return cell.Zxid(h.zxid.Load()) }

// finishedAt is what the end of a call has shown: its own place in the history, and for a lock that
// of its grant.
func (h *horizon) finishedAt(d *session.Done) {
	h.saw(max(d.Result.Zxid, cell.Zxid(d.Sequencer.Grant)))
	if d.Reply != nil {
		h.saw(d.Reply.Zxid)
	}
}

// askReplicas asks replicas one after the other, beginning with the one that answered last, until
// one has an answer no older than what was seen: for Config.Patience at most. With Sync the master
// is asked first where the history ends.
func (c *Client) askReplicas(ctx context.Context, op, name string, ask call.Ask,
	o readSettings) (*call.QueryReply, error) {
	if o.sync {
		if _, err := c.query(ctx, op, name, &call.Sync{}); err != nil {
			return nil, err
		}
	}
	patience, cancel := context.WithTimeout(ctx, c.cfg.Patience)
	defer cancel()
	for pause := pauseLeast; ; pause = min(2*pause, pauseMost) {
		r, err := c.askEach(patience, ask)
		if err == nil {
			err = call.ErrorOf(r.Code, r.Message, r.Limit, r.RetryAfter)
		}
		again := errors.Is(err, cell.ErrNoMaster) || errors.Is(err, cell.ErrOverloaded)
		switch {
		case err == nil:
			return r, nil
		case !again || patience.Err() != nil || !sleep(patience, comeAgain(err, pause)):
			return nil, opError(op, name, NotApplied, orCause(ctx, err))
		}
	}
}

// askEach asks every address once, until one answers: with what was asked for, or with a refusal
// that no other would take back.
func (c *Client) askEach(ctx context.Context, ask call.Ask) (*call.QueryReply, error) {
	var words []word
	for _, address := range c.lines.byPreference() {
		r, err := c.askReplica(ctx, address, ask)
		if err == nil && call.ErrorOf(r.Code, "", nil, 0) != cell.ErrNoMaster {
			c.lines.prefer(address)
			return r, nil
		}
		if err == nil {
			err = call.ErrorOf(r.Code, r.Message, nil, 0)
		}
		words = append(words, word{address: address, err: err})
	}
	return nil, noMasterIn(words)
}

func (c *Client) askReplica(ctx context.Context, address string, ask call.Ask) (*call.QueryReply, error) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	l, err := c.lines.to(ctx, address)
	if err != nil {
		return nil, err
	}
	seen := c.horizon.newest()
	r, err := l.query(ctx, &call.Query{AtReplica: true, Seen: seen, Ask: ask})
	switch {
	case err != nil:
		return nil, err
	case r.Code == 0 && r.Zxid < seen:
		return nil, fmt.Errorf("%w: it answered as of %v, and %v was seen", cell.ErrProtocol, r.Zxid, seen)
	}
	c.horizon.saw(r.Zxid)
	return r, nil
}

// byPreference are all addresses: the one that answered last first, the others in any order.
func (p *lines) byPreference() []string {
	all := p.addresses()
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(all, p.preferred); i > 0 {
		all[0], all[i] = all[i], all[0]
	}
	return all
}

func (p *lines) prefer(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.preferred = address
}

// readAtReplica reads as the client does without a session, while this one lasts.
func (s *Session) readAtReplica(ctx context.Context, op, name string, v via, contents bool,
	o readSettings) (File, error) {
	if err := s.mayAskReplicas(v); err != nil {
		return File{}, opError(op, name, NotApplied, err)
	}
	ctx, stop := v.bind(ctx)
	defer stop()
	return s.c.readNode(ctx, op, name, v.instance, contents, o)
}

func (s *Session) listAtReplica(ctx context.Context, n cell.Name, v via, o readSettings) ([]cell.Stat, error) {
	if err := s.mayAskReplicas(v); err != nil {
		return nil, opError("list", string(n), NotApplied, err)
	}
	ctx, stop := v.bind(ctx)
	defer stop()
	return s.c.list(ctx, n, v.instance, o)
}

// mayAskReplicas: not when the session has ended, nor where a hold must be proved, which only the
// master can judge (C2).
func (s *Session) mayAskReplicas(v via) error {
	switch {
	case s.ctx.Err() != nil:
		return context.Cause(s.ctx)
	case v.held != nil:
		return fmt.Errorf("%w: a handle with a sequencer does not read at replicas", cell.ErrUsage)
	}
	return nil
}
