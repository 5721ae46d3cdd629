package client

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// line is one stream without a session to one replica: questions go out with a number, answers
// come back to whoever asked.
type line struct {
	address string
	wire    *wire

	mu      sync.Mutex
	last    uint64
	asking  map[uint64]chan *call.QueryReply
	locates []chan *call.Located
	located *call.Located // the newest word about the master
	welcome *call.Welcome
	greeted chan struct{} // closed with welcome
	err     error         // why it has ended
	ended   chan struct{}
}

// dialLine opens a stream and says hello.
func (c *Client) dialLine(ctx context.Context, address string) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	l := &line{address: address, wire: &wire{cancel: func() {}}, asking: map[uint64]chan *call.QueryReply{},
		greeted: make(chan struct{}), ended: make(chan struct{})}
	if err := l.wire.open(ctx, address, c.wire); err != nil {
		return nil, err
	}
	go l.read()
	if err := l.send(&call.Hello{Format: cell.Format, Cell: c.cfg.Cell}); err != nil {
		return nil, err
	}
	select {
	case <-l.greeted:
	case <-l.ended:
		return nil, l.err
	case <-ctx.Done():
		l.end(fmt.Errorf("%w: no answer", cell.ErrNoMaster))
		return nil, context.Cause(ctx)
	}
	if w := l.welcome; c.cfg.Cell != "" && w.Cell != c.cfg.Cell {
		err := fmt.Errorf("%w: it serves cell %q", cell.ErrWrongCell, w.Cell)
		l.end(err)
		return nil, err
	}
	return l, nil
}

func (l *line) send(m call.Message) error {
	err := l.wire.stream.Send(call.Encode(m))
	if err != nil {
		l.end(err)
	}
	return err
}

func (l *line) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = why
		close(l.ended)
		go l.wire.close()
	}
}

func (l *line) alive() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err == nil
}

func (l *line) read() {
	for {
		kind, body, err := l.wire.stream.Recv()
		var msg call.Message
		if err == nil {
			msg, err = call.Decode(kind, body)
		}
		if err == nil {
			err = l.take(msg)
		}
		if err != nil {
			l.end(err)
			return
		}
	}
}

func (l *line) take(msg call.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch m := msg.(type) {
	case *call.Welcome:
		if l.welcome == nil {
			l.welcome = m
			close(l.greeted)
		}
	case *call.Located:
		l.located = m
		for _, ch := range l.locates {
			ch <- m
		}
		l.locates = nil
	case *call.QueryReply:
		if ch := l.asking[m.Number]; ch != nil {
			delete(l.asking, m.Number)
			ch <- m
		}
	case *call.Refused:
		return m.Err()
	}
	return nil
}

// locate asks the replica who is master.
func (l *line) locate(ctx context.Context) (*call.Located, error) {
	answer := make(chan *call.Located, 1)
	l.mu.Lock()
	l.locates = append(l.locates, answer)
	l.mu.Unlock()
	if err := l.send(&call.Locate{}); err != nil {
		return nil, err
	}
	select {
	case w := <-answer:
		return w, nil
	case <-l.ended:
		return nil, l.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ask asks one question. An error is the line's or ctx's; a refusal is in the answer's Code.
func (l *line) ask(ctx context.Context, ask call.Ask) (*call.QueryReply, error) {
	return l.query(ctx, &call.Query{Ask: ask})
}

// query is ask with the rest of the question; its Number is given here.
func (l *line) query(ctx context.Context, q *call.Query) (*call.QueryReply, error) {
	answer := make(chan *call.QueryReply, 1)
	l.mu.Lock()
	l.last++
	number := l.last
	l.asking[number] = answer
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.asking, number)
		l.mu.Unlock()
	}()
	q.Number = number
	if err := l.send(q); err != nil {
		return nil, err
	}
	select {
	case r := <-answer:
		return r, nil
	case <-l.ended:
		return nil, l.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// lines is the client's pool of them, one for each address, and which of them leads to the
// master.
type lines struct {
	c *Client

	mu      sync.Mutex
	all     map[string]*dialed
	learned []string // addresses of masters that are no endpoints
	master  *line
	closed  bool

	preferred string // the address that answered a read at a replica last
}

// dialed is a line that there is, or that somebody is dialing.
type dialed struct {
	ready chan struct{}
	line  *line
	err   error
}

// to gives the line to an address; whoever comes while it is dialed waits for the same.
func (p *lines) to(ctx context.Context, address string) (*line, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, cell.ErrClosed
	}
	d := p.all[address]
	if d == nil {
		d = &dialed{ready: make(chan struct{})}
		if p.all == nil {
			p.all = map[string]*dialed{}
		}
		p.all[address] = d
		go p.dial(address, d)
	}
	p.mu.Unlock()
	select {
	case <-d.ready:
		return d.line, d.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (p *lines) dial(address string, d *dialed) {
	d.line, d.err = p.c.dialLine(context.Background(), address)
	close(d.ready)
	if d.err == nil {
		<-d.line.ended
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all[address] == d {
		delete(p.all, address)
	}
}

func (p *lines) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, d := range p.all {
		go func() {
			<-d.ready
			if d.err == nil {
				d.line.end(cell.ErrClosed)
			}
		}()
	}
}

// answerPatience is how long one replica may take to answer, before the others are asked.
const answerPatience = 2 * time.Second
