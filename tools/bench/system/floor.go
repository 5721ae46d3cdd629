package system

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"

	"github.com/leasehold/leasehold/tools/bench/proc"
)

// Floor is the least that such a service must do (command floor of this module).
type Floor struct {
	program string
	address string
	procs   []*proc.Proc
}

// Name is the system's name in tables and flags.
func (*Floor) Name() string { return "floor" }

// Build compiles the command.
func (f *Floor) Build(ctx context.Context, dir string) (err error) {
	f.program, err = build(ctx, dir, "floor", module+"/floor")
	return err
}

// Facts describe the system.
func (*Floor) Facts() []string {
	return []string{"a master and four followers that gather, append, fdatasync (into room laid out before), send one" +
		" frame to four, answer when three of five have synced; no state, no sessions, no checks",
		"its lock is two writes of 64 bytes, its leader is always the same"}
}

// Start starts the followers, then the master.
func (f *Floor) Start(ctx context.Context, dir string) error {
	first, err := proc.FreePorts(replicas)
	if err != nil {
		return err
	}
	var followers []string
	f.procs, f.address = nil, loopback(first)
	for i := 1; i < replicas; i++ {
		address := loopback(first + i)
		if err := f.run(dir, "floor-"+address[len(address)-5:], "-follow", "-listen", address, "-file",
			dir+"/log-"+string(rune('0'+i))); err != nil {
			return err
		}
		followers = append(followers, address)
	}
	for i := 1; i < replicas; i++ {
		if err := awaitListening(ctx, first+i); err != nil {
			return err
		}
	}
	if err := f.run(dir, "floor-master", "-listen", f.address, "-file", dir+"/log-0",
		"-followers", strings.Join(followers, ",")); err != nil {
		return err
	}
	return awaitPort(ctx, f.address)
}

func (f *Floor) run(dir, name string, args ...string) error {
	p, err := proc.Start(name, dir, nil, append([]string{f.program}, args...)...)
	if err == nil {
		f.procs = append(f.procs, p)
	}
	return err
}

// Ready has nothing to wait for: the master listens when all are connected.
func (f *Floor) Ready(ctx context.Context) error { return awaitPort(ctx, f.address) }

// Procs are the five processes.
func (f *Floor) Procs() []*proc.Proc { return f.procs }

// Master is always the last one started.
func (f *Floor) Master(context.Context) (*proc.Proc, error) { return f.procs[len(f.procs)-1], nil }

// Connect dials the master, wherever it is asked to.
func (f *Floor) Connect(ctx context.Context, _ int, _ Where) (Client, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", f.address)
	if err != nil {
		return nil, err
	}
	x := &floorClient{conn: c, waiting: map[uint64]chan struct{}{}, over: make(chan struct{})}
	go x.hear()
	return x, nil
}

type floorClient struct {
	conn net.Conn
	over chan struct{} // closed when the connection ended

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan struct{}
}

func (x *floorClient) hear() {
	defer close(x.over)
	in := bufio.NewReader(x.conn)
	for {
		var number [8]byte
		if _, err := io.ReadFull(in, number[:]); err != nil {
			return
		}
		x.mu.Lock()
		n := binary.BigEndian.Uint64(number[:])
		done := x.waiting[n]
		delete(x.waiting, n)
		x.mu.Unlock()
		if done != nil {
			close(done)
		}
	}
}

func (x *floorClient) Make(ctx context.Context, name string, data []byte) error {
	return x.Write(ctx, name, data)
}

// Write sends the name's bytes along, as a real write would.
func (x *floorClient) Write(ctx context.Context, name string, data []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan struct{})
	x.mu.Lock()
	x.last++
	number := x.last
	x.waiting[number] = done
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(name)+len(data)))
	frame = binary.BigEndian.AppendUint64(frame, number)
	frame = append(append(frame, name...), data...)
	_, err := x.conn.Write(frame)
	x.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-x.over:
		return errors.New("the master closed the connection")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Lock is one small write, its unlock another: what a lock must cost at least. It excludes
// nobody.
func (x *floorClient) Lock(ctx context.Context, name string) (func(context.Context) error, error) {
	small := make([]byte, 64)
	return func(ctx context.Context) error { return x.Write(ctx, name, small) }, x.Write(ctx, name, small)
}

func (x *floorClient) Close() { _ = x.conn.Close() }

// awaitListening waits until somebody listens, without connecting: a follower takes its first
// connection for its master.
func awaitListening(ctx context.Context, port int) error {
	want := strings.ToUpper(hexPort(port))
	return await(ctx, loopback(port), func(context.Context) error {
		table, err := os.ReadFile("/proc/net/tcp")
		if err == nil && !strings.Contains(string(table), "0100007F:"+want+" 00000000:0000 0A") {
			err = errors.New("nobody listens yet")
		}
		return err
	})
}

func hexPort(port int) string { return fmt.Sprintf("%04x", port) }
