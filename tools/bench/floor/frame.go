package main

import (
	"encoding/binary"
	"fmt"
	"io"
)

const (
	frameHead = 4 + 8
	frameMost = 64 << 20
)

func appendFrame(to []byte, number uint64, body []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(body)))
	to = binary.BigEndian.AppendUint64(to, number)
	return append(to, body...)
}

func readFrame(r io.Reader) (number uint64, body []byte, err error) {
	var head [frameHead]byte
	if _, err = io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > frameMost {
		return 0, nil, fmt.Errorf("a frame of %d bytes; the most is %d", size, frameMost)
	}
	body = make([]byte, size)
	_, err = io.ReadFull(r, body)
	return binary.BigEndian.Uint64(head[4:]), body, err
}
