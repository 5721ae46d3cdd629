package master

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
)

// A handle is a decision of the master that its client keeps: nothing of it is kept here, and so
// there is nothing to rebuild after a fail-over. The check digits say that it was one of ours.

// open gives the session a handle of the node's instance.
func (m *Master) open(l *session.Live, a *call.Read, stat cell.Stat) (*call.Handle, error) {
	if l == nil {
		return nil, fmt.Errorf("%w: a handle belongs to a session", cell.ErrUsage)
	}
	h := &call.Handle{Mode: a.Mode, Epoch: m.epoch}
	h.Digits = m.digits(l.ID, stat.Name, stat.Instance, h)
	return h, nil
}

// digits are what only somebody with the cell's key can say of a handle.
func (m *Master) digits(id cell.SessionID, n cell.Name, instance uint64, h *call.Handle) (d [16]byte) {
	key := m.tree.HandleKey()
	var fixed [21]byte
	binary.BigEndian.PutUint64(fixed[0:], uint64(id))
	binary.BigEndian.PutUint64(fixed[8:], instance)
	binary.BigEndian.PutUint32(fixed[16:], uint32(h.Epoch))
	fixed[20] = byte(h.Mode)
	mac := hmac.New(sha256.New, key[:])
	_, _ = mac.Write(fixed[:]) // never fails
	_, _ = mac.Write([]byte(n))
	copy(d[:], mac.Sum(nil))
	return d
}

// genuine says whether what is asked for may be asked for through the handle it shows, if any: one
// that a master of this cell gave this session, for this very instance and this use.
func (m *Master) genuine(l *session.Live, h *call.Handle, asked any) bool {
	if h == nil {
		return true
	}
	n, instance, needs, ok := use(asked)
	if !ok || l == nil || instance == 0 || h.Mode&needs != needs {
		return false
	}
	digits := m.digits(l.ID, n, instance, h)
	return subtle.ConstantTimeCompare(digits[:], h.Digits[:]) == 1
}

// use is of which instance an op or a question speaks, and what a handle of it must be for.
func use(asked any) (n cell.Name, instance uint64, needs call.HandleMode, ok bool) {
	switch a := asked.(type) {
	case *call.Read:
		return a.Name, a.Instance, 0, true
	case *call.List:
		return a.Name, a.Instance, 0, true
	case *call.Write:
		return a.Name, a.Instance, call.HandleWrites, true
	case *call.Delete:
		return a.Name, a.Instance, call.HandleWrites, true
	case *call.Acquire:
		return a.Name, a.Instance, call.HandleLocks, true
	case *call.SetACL:
		return a.Name, a.Instance, call.HandleACL, true
	}
	return "", 0, 0, false
}

// forged closes the stream of somebody who shows a handle that no master of this cell gave him for
// what he asks (B1).
func (m *Master) forged(s *stream) { m.hangUp(s, "a handle that was not given for this") }
