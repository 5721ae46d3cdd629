package main

import (
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// All threads are patient, those too that are made later; a second time changes nothing.
func TestPatientThreads(t *testing.T) {
	for range 2 {
		require.NoError(t, patient())
		policies(t)
	}
	ready, done := make(chan bool), make(chan bool)
	for range 8 { // more threads than there were
		go func() {
			runtime.LockOSThread()
			ready <- true
			<-done
		}()
		<-ready
	}
	defer close(done)
	policies(t)
}

func policies(t *testing.T) {
	tasks, err := os.ReadDir("/proc/self/task")
	require.NoError(t, err)
	for _, task := range tasks {
		id, err := strconv.Atoi(task.Name())
		require.NoError(t, err)
		attr, err := unix.SchedGetAttr(id, 0)
		if err == unix.ESRCH {
			continue
		}
		require.NoError(t, err)
		require.EqualValues(t, unix.SCHED_BATCH, attr.Policy, task.Name())
	}
}
