package conn

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"

	"github.com/leasehold/leasehold/cell"
)

// Memory is a network inside the process, for tests: no sockets, so that it works in a synctest
// bubble, and connections that can be cut. The zero Memory is ready; one Memory is one network.
type Memory struct {
	mu        sync.Mutex
	listeners map[string]*memoryListener
	pairs     map[*memoryConn]bool // the dialing end of each
	cut       map[string]bool      // addresses that nobody reaches
	next      int
}

// memoryAddr is an address of a Memory.
type memoryAddr string

// Network is "memory".
func (memoryAddr) Network() string { return "memory" }

// String is the address as it was given to Listen.
func (a memoryAddr) String() string { return string(a) }

// Listen takes any string as addr; with an empty port (":0" or "host:0") it makes a new one.
func (m *Memory) Listen(addr string) (net.Listener, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if host, port, err := net.SplitHostPort(addr); err == nil && port == "0" {
		m.next++
		addr = fmt.Sprintf("%s:%d", host, m.next)
	}
	if m.listeners[addr] != nil {
		return nil, fmt.Errorf("listen %s: %w", addr, syscall.EADDRINUSE)
	}
	l := &memoryListener{network: m, addr: memoryAddr(addr)}
	l.change.L = &m.mu
	if m.listeners == nil {
		m.listeners, m.pairs, m.cut = map[string]*memoryListener{}, map[*memoryConn]bool{}, map[string]bool{}
	}
	m.listeners[addr] = l
	return l, nil
}

// Dial connects at once, or is refused as by a machine that has no such port.
func (m *Memory) Dial(ctx context.Context, addr string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.listeners[addr]
	if l == nil || m.cut[addr] {
		return nil, fmt.Errorf("dial %s: %w", addr, syscall.ECONNREFUSED)
	}
	m.next++
	near, far := newPair(memoryAddr(fmt.Sprintf("dialed:%d", m.next)), l.addr)
	m.pairs[near] = true
	l.waiting = append(l.waiting, far)
	l.change.Signal()
	return near, nil
}

// Cut breaks every connection to addr and lets nobody in until Heal.
func (m *Memory) Cut(addr string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cell.Assert(m.cut != nil, "cut %s before anybody has listened", addr)
	m.cut[addr] = true
	for near := range m.pairs {
		if near.RemoteAddr().String() == addr {
			_ = near.Close()
			delete(m.pairs, near)
		}
	}
}

// Heal lets connections to addr in again.
func (m *Memory) Heal(addr string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.cut, addr)
}

// memoryListener is guarded by its network's mutex.
type memoryListener struct {
	network *Memory
	addr    memoryAddr
	change  sync.Cond
	waiting []*memoryConn
	closed  bool
}

func (l *memoryListener) Accept() (net.Conn, error) {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	for len(l.waiting) == 0 && !l.closed {
		l.change.Wait()
	}
	if l.closed {
		return nil, net.ErrClosed
	}
	c := l.waiting[0]
	l.waiting = l.waiting[1:]
	return c, nil
}

func (l *memoryListener) Close() error {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	delete(l.network.listeners, l.addr.String())
	for _, c := range l.waiting {
		_ = c.Close()
	}
	l.change.Broadcast()
	return nil
}

func (l *memoryListener) Addr() net.Addr { return l.addr }
