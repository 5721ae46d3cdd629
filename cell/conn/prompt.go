package conn

import (
	"io"
	"net"
)

// prompt is a connection that can be written to without waiting.
type prompt interface {
	// writeNow gives the connection as much of b as it takes at once, and says how much that was. An
	// error is the next Write's to tell.
	writeNow(b []byte) int
}

// quick are the quickest ways to read from a connection, and to write to it without waiting: nil where
// there is none.
func quick(c net.Conn) (io.Reader, prompt) {
	switch c := c.(type) {
	case *memoryConn:
		return c, c
	case *net.TCPConn:
		if s := socketOf(c); s != nil {
			return s, s
		}
	}
	return c, nil
}

// push sends what waits and leaves at once. What does not, and what has come to wait meanwhile, is
// left to a sender of its own: who pushes never waits for a connection, and not long for himself.
func (g *guard) push() {
	batch := g.batch()
	if batch == nil {
		return
	}
	sent := g.prompt.writeNow(*batch)
	if sent < len(*batch) {
		go g.sendRest(batch, sent)
		return
	}
	giveBuffer(batch)
	g.mu.Lock()
	if g.idle() {
		g.leave()
		return
	}
	g.mu.Unlock()
	go g.sendRest(nil, 0)
}
