package host

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// guests are the connections to the HTTP port, so many at most (B2). To a new one the oldest gives way
// that nothing is being answered on: who says nothing keeps nobody's /livez out.
type guests struct {
	most int

	mu    sync.Mutex
	open  map[net.Conn]*list.Element
	order list.List // of guest, oldest first
}

type guest struct {
	conn net.Conn
	busy bool // a request of it is being answered
}

const mostGuests = 128

func newGuests(most int) *guests {
	if most <= 0 {
		most = mostGuests
	}
	return &guests{most: most, open: map[net.Conn]*list.Element{}}
}

// changed is an http.Server's ConnState.
func (g *guests) changed(c net.Conn, s http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch s {
	case http.StateNew:
		if len(g.open) >= g.most {
			g.makeRoom()
		}
		if len(g.open) >= g.most { // all are being answered
			_ = c.Close()
			return
		}
		g.open[c] = g.order.PushBack(&guest{conn: c})
	case http.StateClosed, http.StateHijacked:
		g.forget(c)
	}
}

type guestKey struct{}

// known is an http.Server's ConnContext.
func (g *guests) known(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, guestKey{}, c)
}

// serving marks a connection as busy while h answers: one on which a request only trickles in is not.
func (g *guests) serving(h http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		c, _ := in.Context().Value(guestKey{}).(net.Conn)
		g.mark(c, true)
		defer g.mark(c, false)
		h.ServeHTTP(out, in)
	})
}

func (g *guests) mark(c net.Conn, busy bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e := g.open[c]; e != nil {
		e.Value.(*guest).busy = busy
	}
}

// makeRoom closes the oldest that is not busy.
func (g *guests) makeRoom() {
	for e := g.order.Front(); e != nil; e = e.Next() {
		if x := e.Value.(*guest); !x.busy {
			g.forget(x.conn)
			_ = x.conn.Close()
			return
		}
	}
}

func (g *guests) forget(c net.Conn) {
	if e := g.open[c]; e != nil {
		g.order.Remove(e)
		delete(g.open, c)
	}
}
