package record

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Birth is what init writes into a new data directory: whose it is. It is never changed.
type Birth struct {
	Cell    cell.CellID
	Name    string // the cell's
	Replica cell.ReplicaID
	Admin   string // the cell's first administrator: a principal; "": whoever is anonymous
}

// String names cell and replica, for messages.
func (b Birth) String() string {
	return fmt.Sprintf("replica %d of cell %s (%v)", b.Replica, b.Name, b.Cell)
}

const birthLetters = "BORN"

// EncodeBirth is the birth record as its file keeps it. The name is at most MaxCellName bytes, the
// administrator MaxPrincipalBytes of package cell; a zero byte stands between them, which no name has.
func EncodeBirth(b Birth) []byte {
	cell.Assert(len(b.Name) <= MaxCellName && len(b.Admin) <= cell.MaxPrincipalBytes,
		"a cell's name of %d bytes, an administrator's of %d", len(b.Name), len(b.Admin))
	body := append([]byte(nil), b.Cell[:]...)
	body = binary.LittleEndian.AppendUint32(body, uint32(b.Replica))
	body = append(body, b.Name...)
	if b.Admin != "" {
		body = append(append(body, 0), b.Admin...)
	}
	return seal(birthLetters, body)
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
	called, admin, named := bytes.Cut(c.rest, []byte{0})
	if c.short || len(called) > MaxCellName || len(admin) > cell.MaxPrincipalBytes || named && len(admin) == 0 {
		return Birth{}, Damaged("%s does not have the length that it should", name)
	}
	b.Name, b.Admin = string(called), string(admin)
	return b, nil
}
