package conn

import (
	"context"
	"net"
)

// Network is where connections come from: TCP, or a Memory.
type Network interface {
	Listen(addr string) (net.Listener, error)
	Dial(ctx context.Context, addr string) (net.Conn, error)
}

// tcp resolves names anew at each dial. The kernel's keepalive is off: who looks at the connections
// finds a dead one sooner.
type tcp struct{}

func (tcp) Listen(addr string) (net.Listener, error) {
	config := net.ListenConfig{KeepAlive: -1}
	return config.Listen(context.Background(), "tcp", addr)
}

func (tcp) Dial(ctx context.Context, addr string) (net.Conn, error) {
	dialer := net.Dialer{KeepAlive: -1}
	return dialer.DialContext(ctx, "tcp", addr)
}

func (o Options) network() Network {
	if o.Network != nil {
		return o.Network
	}
	return tcp{}
}

// prepare sets what the options ask of a socket; what is no TCP socket needs nothing.
func (o Options) prepare(raw net.Conn) {
	if socket, ok := raw.(*net.TCPConn); ok && o.LowLatency {
		keepLittleUnsent(socket)
	}
}
