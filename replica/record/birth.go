package record

import (
	"encoding/binary"
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Birth is what init writes into a new data directory: whose it is. It is never changed.
type Birth struct {
	Cell    cell.CellID
	Name    string // the cell's
	Replica cell.ReplicaID
}

// String names cell and replica, for messages.
func (b Birth) String() string {
	return fmt.Sprintf("replica %d of cell %s (%v)", b.Replica, b.Name, b.Cell)
}

const birthLetters = "BORN"

// EncodeBirth is the birth record as its file keeps it. The name is at most MaxCellName bytes.
func EncodeBirth(b Birth) []byte {
	cell.Assert(len(b.Name) <= MaxCellName, "a cell's name of %d bytes", len(b.Name))
	body := append([]byte(nil), b.Cell[:]...)
	body = binary.LittleEndian.AppendUint32(body, uint32(b.Replica))
	return seal(birthLetters, append(body, b.Name...))
}

// DecodeBirth reads EncodeBirth's bytes. The error is a *Refusal.
func DecodeBirth(data []byte) (Birth, error) {
	const name = "the birth record"
	c, err := unseal(name, birthLetters, data)
	if err != nil {
		return Birth{}, err
	}
	var b Birth
	copy(b.Cell[:], c.bytes(len(b.Cell)))
	b.Replica = cell.ReplicaID(c.u32())
	if c.short || len(c.rest) > MaxCellName {
		return Birth{}, Damaged("%s does not have the length that it should", name)
	}
	b.Name = string(c.rest)
	return b, nil
}
