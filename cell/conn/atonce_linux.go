//go:build !race

package conn

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Straight to the socket: read(2) and write(2) go round by the file system.

// readAtOnce reads from a socket and does not block.
func readAtOnce(fd uintptr, p []byte) (int, error) { return atOnce(unix.SYS_RECVFROM, fd, p, 0) }

// writeAtOnce writes to one.
func writeAtOnce(fd uintptr, p []byte) (int, error) {
	return atOnce(unix.SYS_SENDTO, fd, p, unix.MSG_NOSIGNAL)
}

func atOnce(call, fd uintptr, p []byte, flags uintptr) (int, error) {
	n, _, errno := unix.RawSyscall6(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
		unix.MSG_DONTWAIT|flags, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
