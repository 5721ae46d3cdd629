package record

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/leasehold/leasehold/cell"
)

// A sealed file is small and read whole: format version, four letters that say what it is, the
// body, CRC-32C of all that. The place of version, letters and sum is the same in every format.
const sealBytes = 1 + 4 + 4

func seal(letters string, body []byte) []byte {
	cell.Assert(len(letters) == 4, "a sealed file has four letters, not %q", letters)
	b := append([]byte{cell.Format}, letters...)
	b = append(b, body...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// unseal gives the body, or a *Refusal that calls the file by name.
func unseal(name, letters string, b []byte) (*cursor, error) {
	n := len(b) - 4
	if n < sealBytes-4 || binary.LittleEndian.Uint32(b[n:]) != crc32.Checksum(b[:n], castagnoli) {
		return nil, Damaged("%s does not have its sum", name)
	}
	if string(b[1:5]) != letters {
		return nil, Damaged("%s is another kind of file", name)
	}
	if b[0] != cell.Format {
		return nil, Newer("%s has format %d, known is %d", name, b[0], cell.Format)
	}
	return &cursor{rest: b[5:n]}, nil
}

// cursor reads numbers off a body; short is set, and zeros come, once the bytes have run out.
type cursor struct {
	rest  []byte
	short bool
}

func (c *cursor) bytes(n int) []byte {
	if n > len(c.rest) {
		c.short, c.rest = true, nil
		return make([]byte, n)
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) u8() uint8   { return c.bytes(1)[0] }
func (c *cursor) u32() uint32 { return binary.LittleEndian.Uint32(c.bytes(4)) }
func (c *cursor) u64() uint64 { return binary.LittleEndian.Uint64(c.bytes(8)) }
func (c *cursor) mark() Mark  { return Mark{Index: c.u64(), Zxid: cell.Zxid(c.u64())} }

func appendMark(b []byte, m Mark) []byte {
	b = binary.LittleEndian.AppendUint64(b, m.Index)
	return binary.LittleEndian.AppendUint64(b, uint64(m.Zxid))
}

// end refuses a body that was too short or has bytes left over.
func (c *cursor) end(name string) error {
	if c.short || len(c.rest) > 0 {
		return Damaged("%s does not have the length that it should", name)
	}
	return nil
}
