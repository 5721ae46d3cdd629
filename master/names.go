package master

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/tree"
)

// opName is the word of an op or a question in the metrics.
func opName(op any) string {
	switch op.(type) {
	case *call.Create:
		return "create"
	case *call.Write:
		return "write"
	case *call.Delete:
		return "delete"
	case *call.Acquire:
		return "acquire"
	case *call.Release:
		return "release"
	case *call.CloseSession:
		return "close_session"
	case *call.Txn:
		return "txn"
	case *call.Break:
		return "break"
	case *call.Kill:
		return "kill"
	case *call.Set:
		return "set"
	case *call.SetACL:
		return "set_acl"
	case *call.RightsAsk:
		return "rights"
	case *call.StepDown:
		return "step_down"
	case *call.SettingsAsk:
		return "settings"
	case *call.Read:
		return "read"
	case *call.List:
		return "list"
	case *call.Revalidate:
		return "revalidate"
	case *call.Locks:
		return "locks"
	case *call.Sessions:
		return "sessions"
	case *call.CheckSequencer:
		return "check_sequencer"
	case *call.Watch:
		return "watch"
	case *call.Unwatch:
		return "unwatch"
	case *call.Sync:
		return "sync"
	case *tree.OpenSession:
		return "open_session"
	}
	return "own"
}

// contentsOf is how many bytes of contents an op carries.
func contentsOf(op call.Op) int {
	switch op := op.(type) {
	case *call.Create:
		return len(op.Contents)
	case *call.Write:
		return len(op.Contents)
	case *call.Txn:
		return op.Size()
	}
	return 0
}

// lockedName is the name of the lock that can stand in the way of op; part is which part of a
// Txn was refused. "" when the op names none.
func lockedName(op tree.Op, part int) cell.Name {
	switch op := op.(type) {
	case *call.Acquire:
		return op.Name
	case *call.Delete:
		return op.Name
	case *call.Txn:
		if part > 0 && part <= len(op.Parts) {
			return lockedName(op.Parts[part-1], 0)
		}
	}
	return ""
}

// lockOf describes the lock that stood in the way of op, with toldOfLock of its holders and its
// waiters at most; nil when the op names none.
func (m *Master) lockOf(op tree.Op, part int) *call.LockInfo {
	name := lockedName(op, part)
	if name == "" {
		return nil
	}
	lock, ok := m.tree.Lock(name, toldOfLock)
	if !ok {
		return nil
	}
	locks := []call.LockInfo{lock}
	m.fillLocks(locks)
	return &locks[0]
}
