package conn

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// outbox holds the frames of one stream that wait to be sent, and deals them out in chunks.
// Not safe for concurrent use.
type outbox struct {
	bytes  int // that wait, the chunk last dealt out included
	urgent blocks
	later  blocks

	hurried *[]byte // the urgent block dealt out whole
	dealt   *[]byte // the later block being dealt out; at is how far
	at      int
	middle  int // bytes of a begun frame that are still to be dealt out
	last    int // size of the chunk last dealt out
}

// put lets add append whole frames to one of the two queues.
func (q *outbox) put(urgent bool, add func([]byte) ([]byte, error)) error {
	queue := &q.later
	if urgent {
		queue = &q.urgent
	}
	block := queue.open()
	before := len(*block)
	grown, err := add(*block)
	if err != nil {
		return err
	}
	*block = grown
	q.bytes += len(grown) - before
	return nil
}

// next deals out what is to be sent now: nil when nothing waits. The chunk before it has been
// sent and is not touched any more by anyone. A chunk ends where a frame does, unless a frame
// is larger than a chunk; only where a frame has ended do urgent ones come between.
func (q *outbox) next() []byte {
	q.settle()
	if q.middle == 0 {
		if q.hurried = q.urgent.take(); q.hurried != nil {
			q.last = len(*q.hurried)
			return *q.hurried
		}
	}
	if q.dealt == nil {
		q.dealt, q.at = q.later.take(), 0
	}
	if q.dealt == nil {
		return nil
	}
	q.last = q.cut((*q.dealt)[q.at:])
	q.at += q.last
	return (*q.dealt)[q.at-q.last : q.at]
}

// cut is how much of rest makes the next chunk.
func (q *outbox) cut(rest []byte) int {
	if q.middle > 0 {
		n := min(q.middle, chunk)
		q.middle -= n
		return n
	}
	n := 0
	for n < len(rest) {
		size := wire.FrameSize(rest[n:])
		if n > 0 && n+size > chunk {
			break
		}
		n += size
	}
	if n > chunk {
		q.middle = n - chunk
		n = chunk
	}
	cell.Assert(n > 0 && n <= len(rest), "a chunk of %d bytes out of %d", n, len(rest))
	return n
}

// settle books the chunk last dealt out as sent.
func (q *outbox) settle() {
	q.bytes -= q.last
	q.last = 0
	if q.hurried != nil {
		giveBuffer(q.hurried)
		q.hurried = nil
	}
	if q.dealt != nil && q.at == len(*q.dealt) {
		giveBuffer(q.dealt)
		q.dealt = nil
	}
	cell.Assert(q.bytes >= 0, "an outbox of %d bytes", q.bytes)
}

// drop forgets what has not been dealt out. Its buffers go to the collector: the chunk last
// dealt out may still be in use.
func (q *outbox) drop() { *q = outbox{last: q.last, bytes: q.last} }

// blocks is a queue of buffers with whole frames in them: many small ones instead of a large
// one, so that no Send ever pays for moving what others have queued.
type blocks []*[]byte

// open is the block to append to.
func (b *blocks) open() *[]byte {
	if n := len(*b); n > 0 && len(*(*b)[n-1]) < fullBlock {
		return (*b)[n-1]
	}
	block := takeBuffer()
	*b = append(*b, block)
	return block
}

// take removes and gives the first block with anything in it, nil when there is none.
func (b *blocks) take() *[]byte {
	for len(*b) > 0 {
		block := (*b)[0]
		(*b)[0] = nil
		*b = (*b)[1:]
		if len(*b) == 0 {
			*b = nil
		}
		if len(*block) > 0 {
			return block
		}
	}
	return nil
}
