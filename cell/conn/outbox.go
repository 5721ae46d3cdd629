package conn

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// outbox holds the frames of one stream that wait to be sent, and deals them out in chunks.
// Not safe for concurrent use.
type outbox struct {
	bytes  int  // that wait, the chunk last dealt out included
	divide bool // a frame larger than a chunk waits in pieces of that size
	urgent blocks
	later  blocks

	hurried dealing // the urgent block being dealt out
	dealt   dealing // the later one
	middle  int     // bytes of a begun later frame that are still to be dealt out
	last    int     // size of the chunk last dealt out
}

// dealing is a block and how much of it has been dealt out.
type dealing struct {
	block *[]byte // nil: none
	at    int
}

// put lets add append one whole frame to one of the two queues.
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
	if q.divide && len(grown)-before > chunk {
		grown = wire.Divide(grown, before, chunk)
	}
	*block = grown
	q.bytes += len(grown) - before
	return nil
}

// next deals out what is to be sent now, at most so many bytes: nil when nothing waits. What it dealt
// out before has been sent and is not touched any more by anyone. A chunk ends where a frame does,
// unless a frame is larger than a chunk or than most; only where a frame has ended do urgent ones
// come between.
func (q *outbox) next(most int) []byte {
	q.settle()
	if q.hurried.block == nil && q.middle == 0 {
		q.hurried = dealing{block: q.urgent.take()}
	}
	if d := &q.hurried; d.block != nil {
		q.last = min(most, len(*d.block)-d.at)
		return d.deal(q.last)
	}
	if q.dealt.block == nil {
		q.dealt = dealing{block: q.later.take()}
	}
	if q.dealt.block == nil {
		return nil
	}
	q.last = q.cut((*q.dealt.block)[q.dealt.at:], min(most, chunk))
	return q.dealt.deal(q.last)
}

func (d *dealing) deal(n int) []byte {
	d.at += n
	return (*d.block)[d.at-n : d.at]
}

// cut is how much of rest makes the next chunk, of at most most bytes.
func (q *outbox) cut(rest []byte, most int) int {
	if q.middle > 0 {
		n := min(q.middle, most)
		q.middle -= n
		return n
	}
	n := 0
	for n < len(rest) {
		size := wire.FrameSize(rest[n:])
		if n > 0 && n+size > most {
			break
		}
		n += size
	}
	if n > most {
		q.middle = n - most
		n = most
	}
	cell.Assert(n > 0 && n <= len(rest), "a chunk of %d bytes out of %d", n, len(rest))
	return n
}

// settle books the chunk last dealt out as sent.
func (q *outbox) settle() {
	q.bytes -= q.last
	q.last = 0
	q.hurried.settle()
	q.dealt.settle()
	cell.Assert(q.bytes >= 0, "an outbox of %d bytes", q.bytes)
}

func (d *dealing) settle() {
	if d.block != nil && d.at == len(*d.block) {
		giveBuffer(d.block)
		*d = dealing{}
	}
}

// drop forgets everything.
func (q *outbox) drop() { *q = outbox{divide: q.divide} }

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
