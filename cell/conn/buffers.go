package conn

import "sync"

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
