//go:build !race

package conn

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// readAtOnce is read(2) of a socket that does not block.
func readAtOnce(fd uintptr, p []byte) (int, error) { return atOnce(unix.SYS_READ, fd, p) }

// writeAtOnce is write(2) to one.
func writeAtOnce(fd uintptr, p []byte) (int, error) { return atOnce(unix.SYS_WRITE, fd, p) }

func atOnce(call, fd uintptr, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall(call, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
