package host

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/certs"
)

// Gate bounds what clients may do before anything is proposed (B1, B2); 0 is the default.
type Gate struct {
	Connections, HalfOpen, Frame, Outbox int
	HTTP                                 int         // connections to its port
	Keys                                 *certs.Keys // nil: without TLS
}

func (g Gate) options() conn.Options {
	o := conn.ForClients()
	for _, x := range []struct {
		to   *int
		from int
	}{{&o.MaxConns, g.Connections}, {&o.HalfOpen, g.HalfOpen}, {&o.FrameLimit, g.Frame}, {&o.OutboxBytes, g.Outbox}} {
		if x.from > 0 {
			*x.to = x.from
		}
	}
	return o
}

// Listeners are where a replica is reached. They may have been opened earlier, so that a free
// port stays taken. Start takes them over.
type Listeners struct {
	Client, Peer *conn.Listener
	HTTP         net.Listener // nil: nobody asks by HTTP
	MostHTTP     int          // connections to it; 0 is the default

	visitors *visitors
}

// Listen opens a replica's three ports and gives its addresses as they are: a port 0 was a free
// one. The error names the address.
func Listen(m cell.Member, g Gate, network conn.Network) (Listeners, cell.Member, error) {
	l := Listeners{visitors: &visitors{}, MostHTTP: g.HTTP}
	var err error
	clients, peers := g.options(), conn.ForPeers()
	clients.Network, peers.Network = network, network
	if g.Keys != nil {
		clients.TLS, peers.TLS = g.Keys.ForClients(), g.Keys.ForPeers()
	}
	clients.Log, peers.Log = l.visitors.of("client"), l.visitors.of("peer")
	if l.Client, err = conn.Listen(m.Client, clients); err != nil {
		return l, m, fmt.Errorf("clients' address %s: %w", m.Client, err)
	}
	m.Client = l.Client.Addr().String()
	if l.Peer, err = conn.Listen(m.Peer, peers); err != nil {
		return l, m, errors.Join(fmt.Errorf("peers' address %s: %w", m.Peer, err), l.Client.Close())
	}
	m.Peer = l.Peer.Addr().String()
	if network != nil || m.HTTP == "" { // in memory: nobody asks by HTTP
		return l, m, nil
	}
	if l.HTTP, err = net.Listen("tcp", m.HTTP); err != nil {
		return l, m, errors.Join(fmt.Errorf("HTTP address %s: %w", m.HTTP, err), l.Client.Close(), l.Peer.Close())
	}
	m.HTTP = l.HTTP.Addr().String()
	return l, m, nil
}

func (l Listeners) close() error {
	errs := []error{l.Client.Close(), l.Peer.Close()}
	if l.HTTP != nil {
		errs = append(errs, l.HTTP.Close())
	}
	return errors.Join(errs...)
}

// tells gives the listeners a log; before, nobody has been accepted.
func (l Listeners) tells(log *lines) {
	if l.visitors != nil {
		l.visitors.log.Store(log)
	}
}

// visitors logs what cell/conn says of connections that did not end in an ordinary way. How
// often is bounded there (B1).
type visitors struct{ log atomic.Pointer[lines] }

func (v *visitors) of(who string) func(level, msg string, kv ...any) {
	return func(level, msg string, kv ...any) {
		log := v.log.Load()
		if log == nil {
			return
		}
		var text strings.Builder
		text.WriteString(who + ": " + msg)
		for i := 0; i+1 < len(kv); i += 2 {
			fmt.Fprintf(&text, " %v=%v", kv[i], kv[i+1])
		}
		log.say(level, "%s", text.String())
	}
}
