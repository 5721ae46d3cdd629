package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
)

// quorum is how many of master and followers must have synced a batch.
const quorum = 3

// request is one client's write that waits for its answer.
type request struct {
	from   net.Conn
	number uint64
	body   []byte
}

// batch is what went to the disks as one.
type batch struct {
	number   uint64
	requests []request
}

// master gathers, syncs, sends and answers.
type master struct {
	log   *diskLog
	peers []net.Conn
	send  []chan []byte // one for each peer

	mu      sync.Mutex
	waiting []request
	wake    *sync.Cond
	synced  []uint64 // the last batch that each has: the peers, then the master itself
	open    []batch  // sent and not yet answered, in order
	failed  error
}

func newMaster(log *diskLog, peers []net.Conn) *master {
	m := &master{log: log, peers: peers, synced: make([]uint64, len(peers)+1)}
	m.wake = sync.NewCond(&m.mu)
	for i, peer := range peers {
		out := make(chan []byte, 1024)
		m.send = append(m.send, out)
		go m.feed(peer, out)
		go m.hear(i, peer)
	}
	return m
}

func (m *master) serve(door net.Listener) error {
	go func() {
		for {
			client, err := door.Accept()
			if err != nil {
				m.fail(err)
				return
			}
			go m.take(client)
		}
	}()
	return m.sync()
}

// take reads one client's writes until it goes.
func (m *master) take(client net.Conn) {
	defer func() { _ = client.Close() }()
	in := bufio.NewReaderSize(client, 64<<10)
	for {
		number, body, err := readFrame(in)
		if err != nil {
			return
		}
		m.mu.Lock()
		m.waiting = append(m.waiting, request{client, number, body})
		m.wake.Signal()
		m.mu.Unlock()
	}
}

// sync is the loop of batches; it ends with the first failure.
func (m *master) sync() error {
	for number := uint64(1); ; number++ {
		m.mu.Lock()
		for len(m.waiting) == 0 && m.failed == nil {
			m.wake.Wait()
		}
		b := batch{number, m.waiting}
		m.waiting, m.open = nil, append(m.open, b)
		failed := m.failed
		m.mu.Unlock()
		if failed != nil {
			return failed
		}
		var body []byte
		for _, r := range b.requests {
			body = appendFrame(body, r.number, r.body)
		}
		frame := appendFrame(nil, number, body)
		for _, out := range m.send {
			out <- frame
		}
		if err := m.log.append(frame); err != nil {
			return err
		}
		m.has(len(m.peers), number)
	}
}

func (m *master) feed(peer net.Conn, out chan []byte) {
	for frame := range out {
		if _, err := peer.Write(frame); err != nil {
			m.fail(err)
		}
	}
}

func (m *master) hear(i int, peer net.Conn) {
	in := bufio.NewReader(peer)
	for {
		var number [8]byte
		if _, err := io.ReadFull(in, number[:]); err != nil {
			m.fail(err)
			return
		}
		m.has(i, binary.BigEndian.Uint64(number[:]))
	}
}

// has notes that one of the five has synced a batch, and answers what that made safe.
func (m *master) has(who int, number uint64) {
	m.mu.Lock()
	m.synced[who] = number
	sorted := slices.Sorted(slices.Values(m.synced))
	safe := sorted[len(sorted)-quorum]
	n := 0
	for n < len(m.open) && m.open[n].number <= safe {
		n++
	}
	done := m.open[:n:n]
	m.open = m.open[n:]
	m.mu.Unlock()
	for _, b := range done {
		answer(b.requests)
	}
}

// answer writes one client's answers of a batch at once.
func answer(requests []request) {
	answers := map[net.Conn][]byte{}
	for _, r := range requests {
		answers[r.from] = binary.BigEndian.AppendUint64(answers[r.from], r.number)
	}
	for client, b := range answers {
		_, _ = client.Write(b)
	}
}

func (m *master) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failed == nil {
		m.failed = err
	}
	m.wake.Signal()
}
