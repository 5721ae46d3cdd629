package call

import "github.com/leasehold/leasehold/cell"

// KeepAlive asks for the session's leases. The master parks it and answers early when a lease
// needs it. A resent one has a new number. Acked is the highest call number below which the
// client has every reply (C7).
type KeepAlive struct {
	Number  uint64
	Epoch   cell.Epoch
	Stream  uint64
	Acked   uint64
	Flushed uint64 // the highest Invalidate.Seq of this stream that the client has obeyed
}

// KeepAliveReply renews: the client's deadlines are send + (Parked + length)/(1+drift) (L1).
// Lengths are nanoseconds. Cache is 0 when no cache lease is granted (C10). Another
// Incarnation than before: empty the cache, and name it in Flushed, before serving again.
type KeepAliveReply struct {
	Number      uint64
	Epoch       cell.Epoch
	Stream      uint64
	Parked      int64
	Session     int64
	Cache       int64
	Incarnation uint64
}

// Invalidate tells a cacher to drop what it caches of these names: contents, stat, child list,
// and every absence that rests on one of them (C6); with Everything of every name, and what is still
// on its way too. The answer is Flushed with Seq.
type Invalidate struct {
	Epoch  cell.Epoch
	Stream uint64
	Seq    uint64 // rises by one within a stream
	Names  []cell.Name

	Everything bool
}

// Flushed acks every Invalidate up to Seq and the cache incarnation it names.
type Flushed struct {
	Epoch       cell.Epoch
	Stream      uint64
	Seq         uint64
	Incarnation uint64
}

// Granted tells a waiter that its acquire holds the lock.
type Granted struct {
	Epoch     cell.Epoch
	Stream    uint64
	Hold      uint64
	Sequencer cell.Sequencer
}

// Ended tells a client that its session has ended in the tree.
type Ended struct {
	Session cell.SessionID
	Why     string
}

// Dropped tells a waiter that its acquire has left the queue without being granted: Code is
// ErrStaleHandle's when the node was deleted.
type Dropped struct {
	Epoch   cell.Epoch
	Stream  uint64
	Hold    uint64
	Code    cell.Code
	Message string
}
