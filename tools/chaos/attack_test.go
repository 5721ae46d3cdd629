package chaos

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/client"
)

const (
	attackers = 8                    // at once
	holding   = 600                  // at once of those that hold a connection: more than may be half-open
	pause     = 5 * time.Millisecond // between two tries of one attacker: the load is bounded
	honestOps = 600                  // that each p99 is taken of
	mayGrow   = 192 << 20            // bytes that one attack may add to the process, generously
	lingers   = 2 * time.Second      // for which a connection that does nothing is held
)

// tried is what an attack has against one replica.
type tried struct{ client, peer string }

// attack is one try; it ends when it is turned away, or after a moment. Its errors say so: nothing
// of it is of interest.
type attack struct {
	name string
	many int // at once; 0: attackers
	try  func(ctx context.Context, at tried)
}

// yamux is a header of that protocol.
func yamux(kind uint8, flags uint16, stream, length uint32) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, kind}, flags)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, stream), length)
}

// raw sends bytes to the clients' port, piece by piece, and listens until it is left or loses patience.
func raw(times int, piece func(i int) []byte) func(context.Context, tried) {
	return func(ctx context.Context, at tried) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.client)
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(lingers))
		for i := range times {
			if _, err := c.Write(piece(i)); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, c)
	}
}

// spoken dials honestly, says what say says, and hears one answer.
func spoken(address func(tried) string, o conn.Options, say func(*conn.Stream) error) func(context.Context, tried) {
	return func(ctx context.Context, at tried) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		c, err := conn.Dial(ctx, address(at), o)
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		defer context.AfterFunc(ctx, func() { _ = c.Close() })()
		s, err := c.OpenStream(ctx)
		if err == nil && say(s) == nil {
			_, _, _ = s.Recv()
		}
	}
}

// afterHello says Hello, and then messages.
func afterHello(messages ...call.Message) func(context.Context, tried) {
	return spoken(func(at tried) string { return at.client }, conn.ForClients(), func(s *conn.Stream) error {
		if err := s.Send(call.Encode(&call.Hello{Format: cell.Format})); err != nil {
			return err
		}
		if _, _, err := s.Recv(); err != nil { // Welcome
			return err
		}
		for _, m := range messages {
			if err := s.Send(call.Encode(m)); err != nil {
				return err
			}
		}
		return nil
	})
}

func attacks() []attack {
	const part = 64 << 10 // what is said of a frame that claims to be of 8 MiB
	oversize := append(yamux(0, 0, 1, part), wire.AppendFrame(nil, 1, make([]byte, 8<<20))[:part]...)
	forged := cell.Sequencer{Name: "/ls/local/honest", Mode: cell.Exclusive, Grant: 1 << 60, Hold: 1 << 60}
	return []attack{
		{name: "half-open connections", many: holding, try: raw(0, nil)},
		{name: "slow loris", many: holding, try: func(ctx context.Context, at tried) {
			slow := time.NewTicker(lingers / 12)
			defer slow.Stop()
			raw(11, func(i int) []byte {
				<-slow.C
				return yamux(1, 1, 1, 0)[i : i+1]
			})(ctx, at)
		}},
		{name: "ping flood", try: raw(1000, func(i int) []byte { return yamux(2, 1, 0, uint32(i)) })},
		{name: "stream flood", try: raw(1000, func(i int) []byte { return yamux(1, 1, uint32(2*i+1), 0) })},
		{name: "streams of our parity", try: raw(2, func(i int) []byte { return yamux(1, 1, uint32(2*i+2), 0) })},
		{name: "strays", try: raw(3000, func(int) []byte { return yamux(0, 0, 99, 0) })},
		{name: "truncated frames", many: holding, try: raw(2, func(i int) []byte {
			return [][]byte{yamux(1, 1, 1, 0), append(yamux(0, 0, 1, 1<<16), 0xff, 0xff)}[i]
		})},
		{name: "oversize frames", try: raw(2, func(i int) []byte { return [][]byte{yamux(1, 1, 1, 0), oversize}[i] })},
		{name: "forged sessions", try: afterHello(&call.Attach{Session: 1 << 40, Stream: 1})},
		{name: "forged sequencers", try: afterHello(&call.Query{Number: 1, Ask: &call.CheckSequencer{Sequencer: forged}})},
		{name: "another cell's peer", try: spoken(func(at tried) string { return at.peer }, conn.ForPeers(),
			func(s *conn.Stream) error {
				return s.SendMessage(255, &wire.PeerPreface{Format: cell.Format, Cell: "local", CellId: make([]byte, 16),
					From: 2, To: 1, Use: 1})
			})},
	}
}

// memory is what replica i has in RAM, in bytes.
func (p *processes) memory(i int) int {
	p.t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.running[i].Process.Pid))
	require.NoError(p.t, err)
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	require.NotNil(p.t, m)
	kib, err := strconv.Atoi(string(m[1]))
	require.NoError(p.t, err)
	return kib << 10
}

// honest writes and reads what it wrote, all the time.
func (b *bystanders) honest(ctx context.Context, s *client.Session) {
	b.wait.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			began, want := time.Now(), strconv.Itoa(i)
			_, err := s.Write(ctx, "/ls/local/honest", []byte(want), client.OrCreate())
			b.note(ctx, time.Since(began), err)
			began = time.Now()
			f, err := s.Read(ctx, "/ls/local/honest")
			if err == nil && string(f.Contents) != want {
				err = fmt.Errorf("read %q after %q was written", f.Contents, want)
			}
			b.note(ctx, time.Since(began), err)
		}
	})
}

// measured waits for as many operations of the honest client as a p99 is taken of.
func (b *bystanders) measured(t *testing.T) time.Duration {
	t.Helper()
	b.p99() // what was before
	require.Eventually(t, func() bool { return b.noted() >= honestOps }, 2*time.Minute, 10*time.Millisecond)
	took, _ := b.p99()
	return took
}

// TestB1_Attacks: each attack on the master's process leaves its memory bounded, the mastership where it
// was, and an honest client's session and every answer right; how much longer that client waits is printed.
func TestB1_Attacks(t *testing.T) {
	realProcesses(t)
	p := start(t)
	p.whole()
	master := p.master()
	address := p.endpoints[master-1]
	host, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	at := tried{client: address, peer: net.JoinHostPort(host, strconv.Itoa(n+10))}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, err := p.client().NewSession(ctx)
	require.NoError(t, err)
	var b bystanders
	b.honest(ctx, s)
	for _, a := range attacks() {
		calm, before := b.measured(t), p.memory(master)
		attacked, tries := a.run(ctx, at, func() time.Duration { return b.measured(t) })
		after := p.memory(master)
		t.Logf("%-22s %6d tries: memory %3d MiB before, %3d after; p99 %8v idle, %8v attacked: %.1f times", a.name, tries,
			before>>20, after>>20, calm.Round(time.Microsecond), attacked.Round(time.Microsecond),
			float64(attacked)/float64(max(calm, 1)))
		require.Less(t, after, before+mayGrow, a.name)
	}
	stop()
	b.wait.Wait()
	require.NoError(t, b.wrong)
	require.Equal(t, client.Connected, s.State())
	require.Equal(t, master, p.master())
}
