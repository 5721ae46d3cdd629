package conn

import (
	"net"

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
