package wire

import (
	"encoding/binary"
	"io"
)

// Sizes of a FrameReader's buffer. Where little comes it holds the small one; the large one, and what
// frames have made of it up to a bound, is kept between frames while it is useful, anything larger
// only for the frame that needs it.
const (
	SmallBuffer = 512 // bytes
	largeBuffer = 16 << 10
	calmReads   = 32 // so many calm reads, and the large one goes
)

// FrameReader cuts frames out of a stream of bytes. Its memory follows what has come, never
// what a length announces. For one goroutine.
type FrameReader struct {
	source io.Reader
	limit  int // of a whole frame
	keep   int // the largest buffer that is kept between frames
	buf    []byte
	at     int  // the first byte not yet given out
	calm   int  // reads in a row that a small buffer would have held
	filled bool // the last read left no space

	large func(bytes int) error // told of a large frame that begins; or nil
	told  bool
}

// NewFrameReader reads frames of at most limit bytes, FrameOverhead included. A buffer that a frame
// needed is used for the next ones too if it has at most keep bytes.
func NewFrameReader(source io.Reader, limit, keep int) *FrameReader {
	return &FrameReader{source: source, limit: limit, keep: max(keep, largeBuffer)}
}

// OnLarge has told called with the size of each frame that begins and is larger than the buffers that are
// kept anyway (16 KiB), and with 0 when the next one is asked for. It may wait, and an error of it ends the
// reading.
func (f *FrameReader) OnLarge(told func(bytes int) error) { f.large = told }

// Next gives the next frame. body is the reader's own and valid until the next call of Next:
// decode it, or copy it. The end of the stream between two frames is io.EOF, inside one
// ErrFrameTruncated; a frame over the limit (a *cell.LimitError) or in
// another format (ErrFrameFormat) ends the reading for good.
func (f *FrameReader) Next() (kind uint8, body []byte, err error) {
	f.settle()
	if err := f.want(FrameOverhead); err != nil {
		return 0, nil, err
	}
	head := f.buf[f.at:]
	length := uint64(binary.BigEndian.Uint32(head))
	switch {
	case head[4] != FrameFormat || length < FrameOverhead-lengthBytes:
		return 0, nil, ErrFrameFormat
	case length+lengthBytes > uint64(f.limit):
		return 0, nil, overLimit(f.limit, int(length+lengthBytes))
	}
	whole := int(length) + lengthBytes
	if whole > largeBuffer && f.large != nil {
		f.told = true
		if err := f.large(whole); err != nil {
			return 0, nil, err
		}
	}
	if err := f.want(whole); err != nil {
		return 0, nil, err
	}
	frame := f.buf[f.at : f.at+whole : f.at+whole]
	f.at += whole
	return frame[5], frame[FrameOverhead:], nil
}

// settle lets go of the large frame that was given last.
func (f *FrameReader) settle() {
	if f.told {
		f.told = false
		_ = f.large(0) // nothing begins
	}
}

// Release gives the buffer away, if nothing has come of the next frame; else nil.
func (f *FrameReader) Release() (buf []byte) {
	f.settle()
	if f.Buffered() == 0 {
		buf = f.buf
		f.Lend(nil)
	}
	return buf
}

// Lend has f read into buf, instead of a new buffer, after a Release that gave one away.
func (f *FrameReader) Lend(buf []byte) { f.buf, f.at, f.filled = buf[:0], 0, false }

// Buffered is how many bytes have come and not been given out: 0 means that Next will read.
func (f *FrameReader) Buffered() int { return len(f.buf) - f.at }

// Ready is the type of the next frame, if the whole of it has come: then Next does not read.
func (f *FrameReader) Ready() (kind uint8, whole bool) {
	next := f.buf[f.at:]
	if len(next) < FrameOverhead || len(next) < FrameSize(next) {
		return 0, false
	}
	return next[5], true
}

// want reads until n bytes are at hand.
func (f *FrameReader) want(n int) error {
	for f.Buffered() < n {
		f.room(n)
		space := f.buf[len(f.buf):cap(f.buf)]
		got, err := f.source.Read(space)
		f.buf = f.buf[:len(f.buf)+got]
		f.judge(got, len(space))
		switch {
		case f.Buffered() >= n:
			return nil
		case err == io.EOF && f.Buffered() > 0:
			return ErrFrameTruncated
		case err != nil:
			return err
		}
	}
	return nil
}

// room makes space for at least one more byte: what is at hand moves to the front of a buffer of
// the size that is of use now.
func (f *FrameReader) room(n int) {
	size := f.size(n)
	switch {
	case size != cap(f.buf):
		f.buf = append(make([]byte, 0, size), f.buf[f.at:]...)
	case f.at > 0:
		f.buf = f.buf[:copy(f.buf, f.buf[f.at:])]
	}
	f.at = 0
}

// size is the buffer's best size when n bytes are wanted: larger than what is at hand, and at
// most twice as large as that, or as the reads so far have shown to pay.
func (f *FrameReader) size(n int) int {
	held, size := f.Buffered(), cap(f.buf)
	switch {
	case held == size:
		return max(SmallBuffer, min(2*size, max(n, largeBuffer)))
	case held < SmallBuffer && (f.calm > calmReads || size > f.keep):
		f.calm = 0
		return SmallBuffer
	case f.filled && size < largeBuffer:
		return largeBuffer
	}
	return size
}

// judge learns from a read of got bytes into space.
func (f *FrameReader) judge(got, space int) {
	f.filled = got == space
	if got < SmallBuffer {
		f.calm++
	} else {
		f.calm = 0
	}
}
