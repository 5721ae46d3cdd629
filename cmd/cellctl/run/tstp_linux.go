package run

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"
)

// hearStops sends TSTP to ch from now on, instead of stopping us.
func hearStops(ch chan os.Signal) { signal.Notify(ch, syscall.SIGTSTP) }

// kernelAction is more than a struct sigaction of the kernel on any architecture; all zeros are
// the default action.
type kernelAction [8]uint64

// stoppable gives TSTP its default action, which os/signal cannot: once it has heard a signal
// its handler stays. restore puts back what was there.
func stoppable() (restore func()) {
	var old, fallback kernelAction
	if !swapAction(&fallback, &old) {
		return func() {}
	}
	return func() { swapAction(&old, nil) }
}

func swapAction(to, old *kernelAction) bool {
	const setBytes = 8
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(syscall.SIGTSTP),
		uintptr(unsafe.Pointer(to)), uintptr(unsafe.Pointer(old)), setBytes, 0, 0)
	return errno == 0
}
