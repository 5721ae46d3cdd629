package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/leasehold/leasehold/cell"
)

// A snapshot file is a header, the tree's encoding as one zstd stream, and a trailer. Header
// and trailer are little-endian:
//
//	header:  format, "SNAP", index, zxid, cell id (16), CRC-32C of these
//	trailer: bytes and CRC-32C of the encoding before compression, bytes of the whole file,
//	         CRC-32C of everything before this field, "DONE"
const (
	SnapshotHeaderBytes  = 1 + 4 + 16 + 16 + 4
	SnapshotTrailerBytes = 8 + 4 + 8 + 4 + 4
	snapshotLetters      = "SNAP"
	snapshotEnd          = "DONE"
)

// SnapshotHeader says what a snapshot file is of.
type SnapshotHeader struct {
	Mark Mark
	Cell cell.CellID
}

// SnapshotTrailer makes a snapshot file checkable: compressed as it stands, and decoded.
type SnapshotTrailer struct {
	RawBytes  uint64 // of the encoding, before compression
	RawSum    uint32 // its CRC-32C
	FileBytes uint64 // header and trailer included
	FileSum   uint32 // CRC-32C of every byte before this field
}

// EncodeSnapshotHeader is the first bytes of a snapshot file.
func EncodeSnapshotHeader(h SnapshotHeader) []byte {
	return seal(snapshotLetters, append(appendMark(nil, h.Mark), h.Cell[:]...))
}

// DecodeSnapshotHeader reads them. Errors wrap ErrDamaged, or are a *Refusal for a newer format.
func DecodeSnapshotHeader(b []byte) (SnapshotHeader, error) {
	const name = "the snapshot"
	c, err := unseal(name, snapshotLetters, b)
	if errors.Is(err, ErrNewer) {
		return SnapshotHeader{}, err
	}
	if err != nil || len(b) != SnapshotHeaderBytes {
		return SnapshotHeader{}, fmt.Errorf("%w: the snapshot's header is not whole", ErrDamaged)
	}
	h := SnapshotHeader{Mark: c.mark()}
	copy(h.Cell[:], c.bytes(len(h.Cell)))
	return h, nil
}

// AppendSummed appends what of the trailer the file's sum covers.
func (t SnapshotTrailer) AppendSummed(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, t.RawBytes)
	dst = binary.LittleEndian.AppendUint32(dst, t.RawSum)
	return binary.LittleEndian.AppendUint64(dst, t.FileBytes)
}

// AppendEnd appends the rest of the trailer.
func (t SnapshotTrailer) AppendEnd(dst []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, t.FileSum), snapshotEnd...)
}

// DecodeSnapshotTrailer reads the last bytes of a snapshot file that is size bytes long.
// Errors wrap ErrDamaged. The sums are the caller's to compare.
func DecodeSnapshotTrailer(b []byte, size uint64) (SnapshotTrailer, error) {
	if len(b) != SnapshotTrailerBytes || string(b[24:]) != snapshotEnd {
		return SnapshotTrailer{}, fmt.Errorf("%w: the snapshot has no end", ErrDamaged)
	}
	c := cursor{rest: b}
	t := SnapshotTrailer{RawBytes: c.u64(), RawSum: c.u32(), FileBytes: c.u64(), FileSum: c.u32()}
	if t.FileBytes != size {
		return SnapshotTrailer{}, fmt.Errorf("%w: the snapshot has %d bytes, not %d", ErrDamaged, size, t.FileBytes)
	}
	return t, nil
}

// UpdateSum adds b to a CRC-32C that began at 0.
func UpdateSum(sum uint32, b []byte) uint32 { return crc32.Update(sum, castagnoli, b) }
