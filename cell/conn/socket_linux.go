package conn

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// keepLittleUnsent bounds what the kernel holds back: a ping behind bulk waits for one chunk,
// not for a full send buffer. Best effort.
func keepLittleUnsent(socket *net.TCPConn) {
	control, err := socket.SyscallConn()
	if err != nil {
		return
	}
	_ = control.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, chunk)
	})
}

// socket is a TCP connection that is written to without waiting, by one at a time.
type socket struct {
	raw  syscall.RawConn
	once func(fd uintptr) bool // made once: a write allocates nothing
	b    []byte
	sent int
}

func promptSocket(c *net.TCPConn) prompt {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{raw: raw}
	s.once = func(fd uintptr) bool {
		n, _ := unix.Write(int(fd), s.b) // it never blocks: net has seen to that
		s.sent = max(n, 0)
		return true
	}
	return s
}

func (s *socket) writeNow(b []byte) int {
	s.b, s.sent = b, 0
	_ = s.raw.Write(s.once)
	s.b = nil
	return s.sent
}
