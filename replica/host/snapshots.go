package host

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/replica/zab"
)

// Pieces of a snapshot on a wire: this large, so many under way.
const (
	pieceBytes = 256 << 10
	pieceAhead = 8
)

// snapshots writes views, sends snapshots to followers and takes them in, beside the loop.
type snapshots struct {
	host   *Host
	files  *wal.Snapshots
	wait   sync.WaitGroup
	mu     sync.Mutex
	queued []zab.SendSnapshot // that wait for a snapshot to be made
	trees  map[record.Mark]*tree.Tree
	last   record.Mark // the newest of trees
	taking sync.Mutex  // one snapshot is received at a time
}

func newSnapshots(h *Host, files *wal.Snapshots) *snapshots {
	return &snapshots{host: h, files: files, trees: map[record.Mark]*tree.Tree{}}
}

// freeze writes a view, reads it back and lets the old ones go, unless they are to be kept.
func (s *snapshots) freeze(v *tree.View, m record.Mark, keepOld bool) {
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		done, err := s.write(v, m, keepOld)
		switch {
		case errors.Is(err, cell.ErrRotten):
			s.host.inbox.put(replica.SnapshotFailed{Why: err.Error(), Damaged: true})
		case errors.Is(err, wal.ErrSuperseded):
			s.host.inbox.put(replica.SnapshotFailed{Why: err.Error(), Superseded: true})
			s.wantFor(nil)
		case err != nil:
			s.host.inbox.put(replica.SnapshotFailed{Why: err.Error()})
		default:
			s.host.inbox.put(done)
			s.sendQueued()
		}
	}()
}

func (s *snapshots) write(v *tree.View, m record.Mark, keepOld bool) (replica.SnapshotTaken, error) {
	size := int64(0)
	err := s.files.Create(m, func(w io.Writer) error {
		return v.Encode(newPaced(&counted{w, &size}, s.host.dead))
	})
	if err != nil {
		return replica.SnapshotTaken{}, err
	}
	kept := s.host.config.SnapshotsKept
	if keepOld {
		kept = math.MaxInt
	}
	if err := s.files.Prune(kept); err != nil {
		return replica.SnapshotTaken{}, err
	}
	marks, err := s.files.List()
	if err != nil || len(marks) == 0 {
		return replica.SnapshotTaken{}, errors.Join(err, errors.New("the snapshot is not there"))
	}
	return replica.SnapshotTaken{Mark: m, Oldest: marks[len(marks)-1], Bytes: size}, nil
}

type counted struct {
	to io.Writer
	n  *int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	*c.n += int64(n)
	return n, err
}

type countedReader struct {
	from io.Reader
	n    *int64
}

func (c *countedReader) Read(b []byte) (int, error) {
	n, err := c.from.Read(b)
	*c.n += int64(n)
	return n, err
}

// send begins to stream the newest snapshot; where that is too old, or there is none, it asks for one.
func (s *snapshots) send(op zab.SendSnapshot) {
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		marks, err := s.files.List()
		if err == nil && (len(marks) == 0 || marks[0].Index < op.Least) {
			s.wantFor([]zab.SendSnapshot{op})
			return
		}
		if err == nil {
			s.host.inbox.put(zab.SnapshotOffered{To: op.To, Attempt: op.Attempt, Mark: marks[0]})
			err = s.stream(op, marks[0])
		}
		if err != nil {
			s.host.lines.say("warn", "snapshot for replica %d: %v", op.To, err)
			s.host.inbox.put(zab.SnapshotFailed{To: op.To, Attempt: op.Attempt})
		}
	}()
}

// wantFor asks for a snapshot as long as somebody waits for one.
func (s *snapshots) wantFor(more []zab.SendSnapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = append(s.queued, more...)
	if len(s.queued) > 0 {
		s.host.inbox.put(replica.WantSnapshot{})
	}
}

func (s *snapshots) sendQueued() {
	s.mu.Lock()
	queued := s.queued
	s.queued = nil
	s.mu.Unlock()
	for _, op := range queued {
		s.send(op)
	}
}

// stream sends a snapshot's bytes on a connection of its own, a few pieces ahead of the acks.
func (s *snapshots) stream(op zab.SendSnapshot, m record.Mark) error {
	file, _, err := s.files.OpenRaw(m)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	to, c, err := s.host.peers.open(op.To, &wire.PeerPreface{Use: useSnapshot, Attempt: op.Attempt,
		Index: m.Index, Zxid: uint64(m.Zxid)})
	if err != nil {
		return err
	}
	defer s.host.peers.drop(c)
	buffer := make([]byte, pieceBytes)
	for ahead, last := 0, false; ; {
		for ; ahead < pieceAhead && !last; ahead++ {
			n, err := io.ReadFull(file, buffer)
			if last = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF); err != nil && !last {
				return err
			}
			if err := to.SendMessage(framePiece, &wire.SnapshotPiece{Bytes: buffer[:n], Last: last}); err != nil {
				return err
			}
		}
		done, err := took(to)
		if err != nil || done {
			return err
		}
		ahead--
	}
}

func took(s *conn.Stream) (done bool, err error) {
	kind, body, err := s.Recv()
	if err != nil {
		return false, err
	}
	var w wire.SnapshotTook
	if kind != frameTook {
		return false, fmt.Errorf("%w: frame type %d in a snapshot's transfer", cell.ErrProtocol, kind)
	}
	if err := wire.Unmarshal(body, &w); err != nil {
		return false, err
	}
	if w.Failed != "" {
		return false, fmt.Errorf("the follower could not take it: %s", w.Failed)
	}
	return w.Done, nil
}

// receive takes a snapshot in, whole and verified, beside the directory's own.
func (s *snapshots) receive(from cell.ReplicaID, w *wire.PeerPreface, stream *conn.Stream) {
	s.taking.Lock()
	defer s.taking.Unlock()
	m := record.Mark{Index: w.Index, Zxid: cell.Zxid(w.Zxid)}
	err := s.files.Receive(m, &pieces{from: stream})
	var t *tree.Tree
	if err == nil {
		t, err = s.decode(m)
	}
	if err != nil {
		s.host.lines.say("warn", "snapshot %v from replica %d: %v", m, from, err)
		_ = stream.SendMessage(frameTook, &wire.SnapshotTook{Failed: err.Error()})
		linger(stream)
		return
	}
	s.mu.Lock()
	for old := range s.trees { // one may be waited for by an Install; older ones are abandoned attempts
		if old != m && old != s.last {
			delete(s.trees, old)
		}
	}
	s.trees[m], s.last = t, m
	s.mu.Unlock()
	s.host.inbox.put(zab.SnapshotReceived{From: from, Attempt: w.Attempt, Mark: m, Members: t.Members()})
	_ = stream.SendMessage(frameTook, &wire.SnapshotTook{Done: true})
	linger(stream)
}

func (s *snapshots) decode(m record.Mark) (*tree.Tree, error) {
	r, err := s.files.OpenReceived(m)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // only read
	t, err := tree.DecodeTree(r, s.host.treeOptions())
	if err == nil && (t.Mark() != m || t.CellID() != s.host.birth.Cell) {
		err = fmt.Errorf("%w: the snapshot %v holds the tree of cell %v at %v", cell.ErrProtocol, m, t.CellID(), t.Mark())
	}
	return t, err
}

// received gives the tree of a snapshot that was taken in, once.
func (s *snapshots) received(m record.Mark) (*tree.Tree, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.trees[m]
	delete(s.trees, m)
	return t, ok
}

// pieces reads a snapshot's bytes from a stream and acks each piece.
type pieces struct {
	from *conn.Stream
	rest []byte
	last bool
}

func (p *pieces) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		if p.last {
			return 0, io.EOF
		}
		if err := p.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

func (p *pieces) next() error {
	kind, body, err := p.from.Recv()
	if err != nil {
		return fmt.Errorf("the snapshot stopped midway: %w", err)
	}
	var w wire.SnapshotPiece
	if kind != framePiece {
		return fmt.Errorf("%w: frame type %d in a snapshot", cell.ErrProtocol, kind)
	}
	if err := wire.Unmarshal(body, &w); err != nil {
		return err
	}
	p.rest, p.last = w.Bytes, w.Last
	return p.from.SendMessage(frameTook, &wire.SnapshotTook{Bytes: uint64(len(w.Bytes))})
}
