package call

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Replace asks the master to put New in the place of the member Old (Z15). It is asked again until
// it is done: a change that nobody asks for any more is given up, unless it is in the log. Old may
// be New's own id: the same replica with an empty disk, or elsewhere. New's Incarnation is not
// read: it is that of the directory which the master has brought up to date.
type Replace struct {
	Old cell.ReplicaID
	New cell.Member
}

// ReplaceReply answers Replace: Done, or Why not yet.
type ReplaceReply struct {
	Done bool
	Why  string
}

func (*Replace) ask() {}

// Invalid: see Message.
func (m *Replace) Invalid() string {
	if m.Old == 0 || m.New.ID == 0 {
		return "replica ids begin at 1"
	}
	for _, a := range []string{m.New.Client, m.New.Peer, m.New.HTTP} {
		if !hostPort(a) {
			return fmt.Sprintf("%q is not HOST:PORT", a)
		}
	}
	return when(m.New.Client == m.New.Peer || m.New.Peer == m.New.HTTP || m.New.Client == m.New.HTTP,
		"one address for two purposes")
}

// hostPort reports whether a could be dialed. Names are not looked up.
func hostPort(a string) bool {
	i := strings.LastIndexByte(a, ':')
	if i < 1 || len(a) > maxAddress {
		return false
	}
	host, port := a[:i], a[i+1:]
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return false
	}
	if inner := strings.TrimPrefix(host, "["); inner != host { // IPv6
		host = strings.ReplaceAll(strings.TrimSuffix(inner, "]"), ":", "")
	}
	return host != "" && !strings.ContainsAny(host, ":[]/ \t\n")
}

func replaceToWire(m *Replace) *wire.AskReplace {
	return &wire.AskReplace{Old: uint32(m.Old), New: MembersToWire(cell.Members{m.New})[0]}
}

func replaceFromWire(w *wire.AskReplace) (*Replace, error) {
	if w.New == nil {
		return nil, fmt.Errorf("%w: no new member", cell.ErrProtocol)
	}
	list, err := MembersFromWire([]*wire.Member{w.New})
	if err != nil {
		return nil, err
	}
	return &Replace{Old: cell.ReplicaID(w.Old), New: list[0]}, nil
}

func readReplaced(m *QueryReply, w *wire.QueryReply) error {
	if r := w.Replaced; r != nil {
		m.Replaced = &ReplaceReply{Done: r.Done, Why: r.Why}
	}
	return nil
}
