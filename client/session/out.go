package session

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// Out is what one Step asks for. The host carries it out list by list, in the order of the
// fields, each list in its own order, before it takes the next Input. It lends the same Out
// again after Reset.
type Out struct {
	Cache    []CacheOp
	Moves    []HoldMove
	Ends     []HoldEnd
	Events   []Delivery
	States   []State
	Done     []Done
	Closes   []uint64
	Connects []Connect
	Sends    []Send
	Lines    []Line
	WakeAt   lease.Instant // Never: no need
}

// Reset empties o and keeps its memory.
func (o *Out) Reset() {
	clear(o.Cache)
	clear(o.Ends)
	clear(o.Events)
	clear(o.Done)
	clear(o.Sends)
	*o = Out{Cache: o.Cache[:0], Moves: o.Moves[:0], Ends: o.Ends[:0], Events: o.Events[:0],
		States: o.States[:0], Done: o.Done[:0], Closes: o.Closes[:0], Connects: o.Connects[:0],
		Sends: o.Sends[:0], Lines: o.Lines[:0]}
}

// CacheOpKind says what to do with the cache.
type CacheOpKind uint8

// The operations on the cache, named as those of package cache.
const (
	CacheSetAside CacheOpKind = iota + 1
	CacheBegin
	CacheRenew
	CacheInvalidate
	CacheDrop
)

// CacheOp is one operation on the session's cache.
type CacheOp struct {
	Kind        CacheOpKind
	Incarnation uint64
	Until       lease.Instant
	Names       []cell.Name
	Everything  bool // with CacheInvalidate: whatever is kept
}

// HoldMove moves the deadline of a hold on. If the hold's context has ended already, the host
// answers with Lapsed.
type HoldMove struct {
	Hold  uint64
	Until lease.Instant
}

// HoldEnd ends a hold's context with a cause.
type HoldEnd struct {
	Hold uint64
	Why  error
}

// Delivery is one event of a watch; with Err, the end of that watch.
type Delivery struct {
	Watch uint64
	Event call.Event
	Err   error
}

// Outcome tells what a failed call may have done.
type Outcome uint8

// NotApplied: nothing happened, and nothing will. Unknown: it may have happened, or still happen.
const (
	NotApplied Outcome = iota
	Unknown
)

// String is the word in JSON.
func (o Outcome) String() string {
	if o == Unknown {
		return "unknown"
	}
	return "not_applied"
}

// Done is the end of a call, query, acquire, unlock or close. With Err nil, Result is a call's,
// Reply a query's, Sequencer and Until an acquire's. Cancelled is set when Cancel ended it.
type Done struct {
	ID        uint64
	Err       error
	Outcome   Outcome
	Cancelled bool
	Result    call.Result
	Reply     *call.QueryReply
	Sequencer cell.Sequencer
	Until     lease.Instant
}

// Connect asks for a link: a connection to Address and one stream on it.
type Connect struct {
	Link    uint64
	Address string
}

// Send puts a message on a link.
type Send struct {
	Link uint64
	Msg  call.Message
}

// Line is one line for the log. Trouble says that it is worth a warning.
type Line struct {
	Text    string
	Trouble bool
}
