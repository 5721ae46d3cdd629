package session

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Input is one thing that happened: one of the types below. IDs are the host's, of one series
// that rises, over calls, queries, acquires and watches alike.
type Input interface{ input() }

// LinkUp: the link that Connect asked for carries messages now.
type LinkUp struct{ Link uint64 }

// LinkDown: the link could not be made, or has ended. A link that Close ended is not reported.
type LinkDown struct {
	Link uint64
	Why  string
}

// Received: a message came in on a link; it has been asked whether it is Invalid.
type Received struct {
	Link uint64
	Msg  call.Message
}

// Wake: WakeAt has come.
type Wake struct{}

// Mutate asks for a change, or with a Txn for several at once: not Acquire, Release or
// CloseSession, which have inputs of their own.
type Mutate struct {
	ID     uint64
	Op     call.Op
	Handle *call.Handle // through which; nil: by name
}

// Ask asks the master for a read.
type Ask struct {
	ID     uint64
	Ask    call.Ask
	Handle *call.Handle    // through which; nil: by name
	IfHeld *cell.Sequencer // as in call.Query
}

// Acquire asks for a lock. Done comes when it is held, or refused. Its ID names the hold.
type Acquire struct {
	ID     uint64
	Op     call.Acquire
	Handle *call.Handle // through which; nil: by name
}

// Cancel ends the waiting for a call, query or acquire: Done comes in the same Step, unless it
// came before.
type Cancel struct{ ID uint64 }

// Unlock gives a hold back; its context has ended before. Done comes under ID when the cell has
// it back.
type Unlock struct{ ID, Hold uint64 }

// Lapsed: the local timer has ended the hold's context.
type Lapsed struct{ Hold uint64 }

// Watch subscribes to a name.
type Watch struct {
	ID                         uint64
	Name                       cell.Name
	Children, Recursive, Locks bool
}

// Unwatch ends a subscription: no Event of it follows.
type Unwatch struct{ ID uint64 }

// Fell: the reader of a watch fell behind and its queue was emptied: it begins anew.
type Fell struct{ ID uint64 }

// Close ends the session cleanly. Done comes under ID when the cell knows.
type Close struct{ ID uint64 }

// Abandon ends the machine where it stands: what the cell does not know it finds out by itself.
type Abandon struct{}

func (LinkUp) input()   {}
func (LinkDown) input() {}
func (Received) input() {}
func (Wake) input()     {}
func (Mutate) input()   {}
func (Ask) input()      {}
func (Acquire) input()  {}
func (Cancel) input()   {}
func (Unlock) input()   {}
func (Lapsed) input()   {}
func (Watch) input()    {}
func (Unwatch) input()  {}
func (Fell) input()     {}
func (Close) input()    {}
func (Abandon) input()  {}
