//go:build !linux

package conn

import "net"

// keepLittleUnsent does nothing here: bulk may delay a ping by a send buffer.
func keepLittleUnsent(*net.TCPConn) {}

// promptSocket gives nothing here: a goroutine writes.
func promptSocket(*net.TCPConn) prompt { return nil }
