package main

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// patient keeps this process's threads from taking the core away from whoever wakes them (SCHED_BATCH): a
// master that sends to four followers of its machine would be stopped by the first that it wakes, before it
// has sent to the others. Who has another policy than the usual one keeps it.
func patient() error {
	for changed := true; changed; { // a thread has the policy of the one that made it: one pass may miss some
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		changed = false
		for _, t := range tasks {
			id, err := strconv.Atoi(t.Name())
			if err != nil {
				return err
			}
			made, err := patientThread(id)
			if err != nil && !errors.Is(err, unix.ESRCH) { // it may have ended
				return err
			}
			changed = changed || made
		}
	}
	return nil
}

// patientThread reports whether that changed the thread of that id.
func patientThread(id int) (changed bool, err error) {
	attr, err := unix.SchedGetAttr(id, 0)
	if err != nil || attr.Policy != unix.SCHED_NORMAL {
		return false, err
	}
	attr.Policy = unix.SCHED_BATCH
	err = unix.SchedSetAttr(id, attr, 0)
	return err == nil, err
}
