//go:build !linux

package conn

import (
	"io"
	"net"
)

// keepLittleUnsent does nothing here: bulk may delay a ping by a send buffer.
func keepLittleUnsent(*net.TCPConn) {}

// socketOf gives nothing here: it is read as any connection is, and a goroutine writes.
func socketOf(*net.TCPConn) *socket { return nil }

type socket struct{ io.Reader }

func (*socket) writeNow([]byte) int { return 0 }
