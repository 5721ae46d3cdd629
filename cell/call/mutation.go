package call

import "github.com/leasehold/leasehold/cell"

// Call is a mutation. Number is the session's call number, from 1, one more each; a call sent
// again keeps it. Acked as in KeepAlive.
type Call struct {
	Epoch  cell.Epoch
	Number uint64
	Acked  uint64
	Op     Op
	Handle *Handle // through which it is asked for; nil: by name
}

// CallReply answers a Call with what the tree decided, or with a refusal from before it was
// proposed (Proposed false: nothing happened, the same number may be sent again).
type CallReply struct {
	Epoch    cell.Epoch
	Number   uint64
	Proposed bool
	Result   Result
}

// Result is the outcome of a mutation. Code 0 is success.
type Result struct {
	Zxid       cell.Zxid // of the transaction
	Code       cell.Code
	Message    string // what was wrong, for people
	Limit      *Limit // with ErrTooLarge
	RetryAfter int64  // nanoseconds, with ErrOverloaded
	Stat       cell.Stat
	Acquired   *HoldState  // of an Acquire that holds or waits
	Lock       *LockInfo   // with ErrLocked: who has it (filled when the reply leaves, not recorded)
	Parts      []cell.Stat // of a Txn, one for each part; zero where a part has none to give
	Refused    int         // of a Txn: the part that was refused, from 1; 0: none of them by itself
}

// Limit is a passed limit (B2).
type Limit struct {
	Name      string
	Most, Got int64
}

// Op is what a Call asks for: one of Create, Write, Delete, Acquire, Release, CloseSession, Txn,
// Break, Kill, Set, SetACL.
type Op interface {
	Message
	op()
}

// Create makes a node. With Sequential 20 digits are appended to Name (which may then end in
// "/": Base is empty). With Parents missing ancestors are made, empty.
type Create struct {
	Name       string // validated by Target; not a cell.Name because of Sequential
	Contents   []byte
	Ephemeral  bool
	Sequential bool
	Parents    bool
	Lasting
	ACL    cell.ACL // of the node itself: "" is the parent's
	IfHeld *cell.Sequencer
}

// Lasting says how a node that is made goes by itself. A Container goes when its last child has
// gone, and not before it had one; a node with a TTL (nanoseconds) when it has not been changed for
// so long and has no children. The zero Lasting stays. An ephemeral has none of it.
type Lasting struct {
	Container bool
	TTL       int64
}

// Write replaces a node's contents. Instance 0 is any; IfGeneration nil is any.
type Write struct {
	Name         cell.Name
	Instance     uint64
	Contents     []byte
	IfGeneration *uint64
	OrCreate     bool // makes the node, and its parents with Parents
	Ephemeral    bool // with OrCreate
	Parents      bool
	Lasting               // with OrCreate
	ACL          cell.ACL // with OrCreate
	IfHeld       *cell.Sequencer
}

// Delete removes a node without children.
type Delete struct {
	Name         cell.Name
	Instance     uint64
	IfGeneration *uint64
	IfHeld       *cell.Sequencer
}

// Acquire asks for a node's lock. Without Wait it is refused with ErrLocked when it cannot
// be granted at once. Create makes a missing node and its parents. Delay, Margin and MaxHold are
// nanoseconds; Delay −1 is the cell's default, MaxHold 0 no bound: it counts from the grant.
type Acquire struct {
	Name     cell.Name
	Instance uint64
	Mode     cell.Mode
	Wait     bool
	Create   bool
	Delay    int64
	Margin   int64
	MaxHold  int64
	Note     string
	IfHeld   *cell.Sequencer // the hold that must stand when the lock is asked for
}

// Release gives a hold back, or leaves the queue: Hold is the zxid of the acquire.
type Release struct {
	Name cell.Name
	Hold uint64
}

// CloseSession ends the session cleanly: its locks come free at once, its ephemerals go.
type CloseSession struct{}

func (*Create) op()       {}
func (*Write) op()        {}
func (*Delete) op()       {}
func (*Acquire) op()      {}
func (*Release) op()      {}
func (*CloseSession) op() {}
