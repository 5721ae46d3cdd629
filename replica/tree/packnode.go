package tree

import (
	"encoding/binary"

	"github.com/leasehold/leasehold/cell"
)

// mostPacked is how many bytes of contents lie with the node they are of. Larger ones have memory of their own,
// which is shared with what is told of them.
const mostPacked = 256

// apart is what is not packed into a node's bytes.
type apart struct {
	contents []byte // nil: they are packed
	extra    *extra
}

const mostHead = 2*8 + 4*binary.MaxVarintLen64

// pack gives the bytes of a node, its name left out, and what is apart from them, if anything is:
//
//	checksum 8 | created 8 | modified after created | instance | zxid after it | content generation | contents
func (n *node) pack(b []byte, x *apart) ([]byte, *apart) {
	b = binary.LittleEndian.AppendUint64(b, n.checksum)
	b = binary.LittleEndian.AppendUint64(b, uint64(n.created))
	b = binary.AppendVarint(b, n.modified-n.created)
	b = binary.AppendUvarint(b, n.instance)
	b = binary.AppendUvarint(b, uint64(n.zxid)-n.instance)
	b = binary.AppendUvarint(b, n.contentGeneration)
	x.extra = n.extra
	if len(n.contents) > mostPacked {
		x.contents = n.contents
	} else {
		b = append(b, n.contents...)
	}
	if x.contents == nil && x.extra == nil {
		return b, nil
	}
	return b, x
}

// unpack is the other way. Contents that were packed are b's.
func (n *node) unpack(name cell.Name, b []byte, x *apart) {
	n.name = name
	n.checksum = binary.LittleEndian.Uint64(b)
	n.created = int64(binary.LittleEndian.Uint64(b[8:]))
	b = b[16:]
	since, w := binary.Varint(b)
	b = b[w:]
	n.modified = n.created + since
	n.instance, b = cutNumber(b)
	after, b := cutNumber(b)
	n.zxid = cell.Zxid(n.instance + after)
	n.contentGeneration, b = cutNumber(b)
	n.contents, n.extra = b, nil
	if x != nil {
		n.extra = x.extra
		if x.contents != nil {
			n.contents = x.contents
		}
	}
}

func cutNumber(b []byte) (uint64, []byte) {
	v, w := binary.Uvarint(b)
	if w <= 0 {
		cell.Assert(false, "packed bytes have rotted in memory: %x", b[:min(len(b), binary.MaxVarintLen64)])
	}
	return v, b[w:]
}

// own gives the node's contents for keeping: packed ones stand only until the tree changes.
func (n *node) own() []byte {
	if len(n.contents) > mostPacked {
		return n.contents
	}
	return append([]byte(nil), n.contents...)
}
