package main

import (
	"bufio"
	"encoding/binary"
	"net"
)

// serveFollower syncs what the master sends: all that has come in meanwhile in one sync. It
// ends with the master's connection.
func serveFollower(door net.Listener, log *diskLog) error {
	master, err := door.Accept()
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(master, 1<<20)
	var batch []byte
	for {
		batch = batch[:0]
		var last uint64
		for first := true; first || in.Buffered() >= frameHead; first = false {
			number, body, err := readFrame(in)
			if err != nil {
				return err
			}
			last, batch = number, appendFrame(batch, number, body)
		}
		if err := log.append(batch); err != nil {
			return err
		}
		if _, err := master.Write(binary.BigEndian.AppendUint64(nil, last)); err != nil {
			return err
		}
	}
}
