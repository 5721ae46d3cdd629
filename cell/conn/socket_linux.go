package conn

import (
	"io"
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

// socket is a TCP connection whose reads and writes never block a thread, and so are no business of Go's
// scheduler: what it does about a call that might block costs more than many of them, and rouses its monitor.
// It is read by one at a time, and written to by one, without waiting.
type socket struct {
	raw syscall.RawConn

	get   func(fd uintptr) bool // made once: a read allocates nothing
	space []byte
	got   int
	bad   error

	put  func(fd uintptr) bool // so does a write
	b    []byte
	sent int
}

func socketOf(c *net.TCPConn) *socket {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{raw: raw}
	s.get, s.put = s.tryRead, s.tryWrite
	return s
}

// tryRead reports whether there was anything, be it the end.
func (s *socket) tryRead(fd uintptr) bool {
	n, err := readAtOnce(fd, s.space)
	for err == unix.EINTR {
		n, err = readAtOnce(fd, s.space)
	}
	if err == unix.EAGAIN {
		return false
	}
	s.got, s.bad = max(n, 0), err
	return true
}

func (s *socket) tryWrite(fd uintptr) bool {
	n, _ := writeAtOnce(fd, s.b)
	s.sent = max(n, 0)
	return true
}

// Read waits for something, as a net.Conn does.
func (s *socket) Read(p []byte) (int, error) {
	s.space, s.got, s.bad = p, 0, nil
	err := s.raw.Read(s.get)
	s.space = nil
	switch {
	case err != nil:
		return 0, err
	case s.bad != nil:
		return 0, s.bad
	case s.got == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return s.got, nil
}

func (s *socket) writeNow(b []byte) int {
	s.b, s.sent = b, 0
	_ = s.raw.Write(s.put)
	s.b = nil
	return s.sent
}
