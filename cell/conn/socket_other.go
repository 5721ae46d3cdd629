//go:build !linux

package conn

import "net"

// keepLittleUnsent does nothing here: bulk may delay a ping by a send buffer.
func keepLittleUnsent(*net.TCPConn) {}
