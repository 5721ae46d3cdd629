package conn

import (
	"sync"

	"github.com/leasehold/leasehold/cell/wire"
)

var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, freshBuffer)
	return &b
}}

// takeBuffer gives an empty buffer, of any capacity.
func takeBuffer() *[]byte {
	b := buffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

// giveBuffer takes a buffer back that nobody uses any more. Large ones go to the collector.
func giveBuffer(b *[]byte) {
	if cap(*b) <= keepBuffer {
		buffers.Put(b)
	}
}

// small are what a frame is read into that comes after a rest.
var small = sync.Pool{New: func() any { return new([wire.SmallBuffer]byte) }}

func takeSmall() []byte { return small.Get().(*[wire.SmallBuffer]byte)[:0] }

func giveSmall(b []byte) {
	if cap(b) == wire.SmallBuffer {
		small.Put((*[wire.SmallBuffer]byte)(b[:wire.SmallBuffer]))
	}
}
