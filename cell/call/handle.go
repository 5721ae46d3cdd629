package call

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// HandleMode says what a handle is for beside reading: a sum of the modes below.
type HandleMode uint8

// The modes. The numbers are part of the format.
const (
	HandleWrites HandleMode = 1 << iota // contents, and the node's deletion
	HandleLocks
	HandleACL // its ACL names

	handleModes = HandleWrites | HandleLocks | HandleACL
)

// Handle is what the master gave for an open node. Digits are made of the cell's secret, the
// session, the name, the instance and the rest: a call that shows the handle is for that name and
// instance, by that session, and the mode was granted when it was opened. Epoch is that of the
// mastership that gave it; later ones honour it.
type Handle struct {
	Mode   HandleMode
	Epoch  cell.Epoch
	Digits [16]byte
}

func handleToWire(h *Handle) *wire.Handle {
	if h == nil {
		return nil
	}
	return &wire.Handle{Mode: uint32(h.Mode), Epoch: uint32(h.Epoch), Digits: h.Digits[:]}
}

func handleFromWire(w *wire.Handle) (*Handle, error) {
	if w == nil {
		return nil, nil
	}
	if w.Mode > uint32(handleModes) {
		return nil, fmt.Errorf("%w: handle mode %d", cell.ErrProtocol, w.Mode)
	}
	h := &Handle{Mode: HandleMode(w.Mode), Epoch: cell.Epoch(w.Epoch)}
	return h, sixteen(h.Digits[:], w.Digits, "check digit field")
}
