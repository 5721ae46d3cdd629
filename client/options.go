package client

import (
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// SessionOption changes how NewSession makes a session.
type SessionOption interface{ toSession(*sessionSettings) }

// ReadOption changes how Read, Stat and List read.
type ReadOption interface{ toRead(*readSettings) }

// CreateOption changes what Create makes.
type CreateOption interface{ toCreate(*createSettings) }

// WriteOption changes what Write and Delete ask for.
type WriteOption interface{ toWrite(*writeSettings) }

// ChangeOption goes wherever something is changed.
type ChangeOption interface {
	CreateOption
	WriteOption
}

// WatchOption changes what Watch tells of.
type WatchOption interface{ toWatch(*watchSettings) }

// OpenOption changes what a handle is for.
type OpenOption interface{ toOpen(*openSettings) }

// LockOption changes how Lock and TryLock acquire.
type LockOption interface{ toLock(*lockSettings) }

type (
	sessionSettings struct{ grace time.Duration }
	readSettings    struct{ uncached, replica, sync bool }
	createSettings  struct {
		ephemeral, sequential, parents bool
		lasting                        call.Lasting
		acl                            cell.ACL
		held                           *cell.Sequencer
	}
	writeSettings struct {
		generation *uint64
		held       *cell.Sequencer
		create     *createSettings
	}
	watchSettings struct{ children, recursive, locks bool }
	openSettings  struct {
		mode   call.HandleMode
		create *createSettings
		data   []byte
		must   bool
	}
	lockSettings struct {
		shared        bool
		delay, margin time.Duration // delay below 0: the cell's default
		maxHold       time.Duration // 0: no bound
		note          string
	}
)

type (
	sessionOption func(*sessionSettings)
	readOption    func(*readSettings)
	createOption  func(*createSettings)
	writeOption   func(*writeSettings)
	watchOption   func(*watchSettings)
	openOption    func(*openSettings)
	lockOption    func(*lockSettings)
	heldOption    struct{ q cell.Sequencer }
)

func (o sessionOption) toSession(s *sessionSettings) { o(s) }
func (o readOption) toRead(s *readSettings)          { o(s) }
func (o createOption) toCreate(s *createSettings)    { o(s) }
func (o writeOption) toWrite(s *writeSettings)       { o(s) }
func (o watchOption) toWatch(s *watchSettings)       { o(s) }
func (o openOption) toOpen(s *openSettings)          { o(s) }
func (o lockOption) toLock(s *lockSettings)          { o(s) }
func (o heldOption) toCreate(s *createSettings)      { s.held = &o.q }
func (o heldOption) toWrite(s *writeSettings)        { s.held = &o.q }

// DefaultGrace is how long a session in jeopardy looks for a master before it is Expired.
const DefaultGrace = 45 * time.Second

// Grace sets how long the session, in jeopardy, looks for a master before it is Expired.
func Grace(d time.Duration) SessionOption {
	return sessionOption(func(s *sessionSettings) { s.grace = d })
}

// Uncached asks the master and leaves the cache as it is.
func Uncached() ReadOption { return readOption(func(s *readSettings) { s.uncached = true }) }

// AtReplica asks any replica for what it has applied, so that reads scale with their number and need
// no master. The answer may be older than the newest write, but not than anything that this Client
// has shown before: its own writes, reads and events, and the grants of its locks. It is not ordered
// with the session's events, and fills no cache. A replica that is not synchronized gives none.
func AtReplica() ReadOption { return readOption(func(s *readSettings) { s.replica = true }) }

// Sync is AtReplica, with an answer no older than any write that was acknowledged, to anybody,
// before the read began: the master is asked where the history ends, and no more.
func Sync() ReadOption {
	return readOption(func(s *readSettings) { s.replica, s.sync = true, true })
}

// Ephemeral makes a node that lives as long as its session.
func Ephemeral() CreateOption { return createOption(func(s *createSettings) { s.ephemeral = true }) }

// Container makes a node that goes by itself, within about a second, when its last child has gone;
// before it had one, and while its lock is in use, it stays. It can go between two calls: who makes
// a child must be ready to make it anew. Not with Ephemeral or TTL.
func Container() CreateOption {
	return createOption(func(s *createSettings) { s.lasting.Container = true })
}

// TTL makes a node that goes by itself when it has neither been written nor had its ACL set for d,
// and has no children (1 ms to 10 years). The master counts by its own clock, and logs from time
// to time how far it has counted, for the next one: the node may go later than that, by a minute or so for
// each fail-over, never earlier. Not with Ephemeral or Container.
func TTL(d time.Duration) CreateOption {
	if d == 0 {
		d = -1 // nonsense, not "none"
	}
	return createOption(func(s *createSettings) { s.lasting.TTL = int64(d) })
}

// Sequential appends 20 digits; the name may then end in "/". The numbers count from 1 in one
// instance of the parent, whatever is deleted below it; a parent deleted and made anew begins anew.
func Sequential() CreateOption { return createOption(func(s *createSettings) { s.sequential = true }) }

// Parents makes missing ancestors, empty.
func Parents() CreateOption { return createOption(func(s *createSettings) { s.parents = true }) }

// WithACL names the ACLs of the node that is made, from its first moment on; "" is its parent's. Missing
// ancestors that Parents makes have those of their own parent.
func WithACL(acl cell.ACL) CreateOption { return createOption(func(s *createSettings) { s.acl = acl }) }

// IfHeld makes the change only while the hold of q stands (else ErrStaleSequencer). It is
// decided in the replicated state.
func IfHeld(q cell.Sequencer) ChangeOption { return heldOption{q} }

// IfGeneration makes the change only at that content generation, SetACL at that of the ACL (else
// ErrGeneration).
func IfGeneration(n uint64) WriteOption {
	return writeOption(func(s *writeSettings) { s.generation = &n })
}

// OrCreate makes the node when it is missing, as the options say. Sequential has no meaning
// here and is refused (ErrUsage).
func OrCreate(o ...CreateOption) WriteOption {
	c := createOf(o)
	return writeOption(func(s *writeSettings) { s.create = &c })
}

// WithChildren tells of the children under their own names too.
func WithChildren() WatchOption { return watchOption(func(s *watchSettings) { s.children = true }) }

// Recursive tells of everything below under its own name too.
func Recursive() WatchOption { return watchOption(func(s *watchSettings) { s.recursive = true }) }

// Locks tells of locks too: EventLocked, EventUnlocked, EventConflict.
func Locks() WatchOption { return watchOption(func(s *watchSettings) { s.locks = true }) }

// ForLock opens a handle whose lock can be taken.
func ForLock() OpenOption { return openOption(func(s *openSettings) { s.mode |= call.HandleLocks }) }

// ForWrite opens a handle that can write and delete.
func ForWrite() OpenOption { return openOption(func(s *openSettings) { s.mode |= call.HandleWrites }) }

// ForACL opens a handle that can change the node's ACL names.
func ForACL() OpenOption { return openOption(func(s *openSettings) { s.mode |= call.HandleACL }) }

// MayCreate makes the node with data when it is missing.
func MayCreate(data []byte, o ...CreateOption) OpenOption {
	c := createOf(o)
	return openOption(func(s *openSettings) { s.create, s.data, s.must = &c, data, false })
}

// MustCreate makes the node with data; ErrExists when it is there already.
func MustCreate(data []byte, o ...CreateOption) OpenOption {
	c := createOf(o)
	return openOption(func(s *openSettings) { s.create, s.data, s.must = &c, data, true })
}

// Shared takes the lock beside other shared holders.
func Shared() LockOption { return lockOption(func(s *lockSettings) { s.shared = true }) }

// LockDelay is how long the lock stays taken after its holder's session expired, and so how
// long an outage the hold rides out; the cell bounds it. Default: the cell's.
func LockDelay(d time.Duration) LockOption { return lockOption(func(s *lockSettings) { s.delay = d }) }

// Margin makes the hold's Context end d earlier than it must, and lets d pass before the lock
// is given back by itself: for what needs a while to stop. A lock is not handed over while less
// than d is left; one with a d that no session lease and lock-delay leave is refused (ErrUsage).
func Margin(d time.Duration) LockOption { return lockOption(func(s *lockSettings) { s.margin = d }) }

// MaxHold bounds how long the lock is held: the cell takes it d after it was granted, as if an
// operator had broken it then (a fail-over begins to count anew). Default: no bound.
func MaxHold(d time.Duration) LockOption { return lockOption(func(s *lockSettings) { s.maxHold = d }) }

// Note is shown by cellctl locks.
func Note(text string) LockOption { return lockOption(func(s *lockSettings) { s.note = text }) }

func createOf(o []CreateOption) (s createSettings) {
	for _, x := range o {
		x.toCreate(&s)
	}
	return s
}

func readOf(o []ReadOption) (s readSettings) {
	for _, x := range o {
		x.toRead(&s)
	}
	return s
}

func writeOf(o []WriteOption) (s writeSettings) {
	for _, x := range o {
		x.toWrite(&s)
	}
	return s
}

func watchOf(o []WatchOption) (s watchSettings) {
	for _, x := range o {
		x.toWatch(&s)
	}
	return s
}

func openOf(o []OpenOption) (s openSettings) {
	for _, x := range o {
		x.toOpen(&s)
	}
	return s
}

func lockOf(o []LockOption) lockSettings {
	s := lockSettings{delay: -1}
	for _, x := range o {
		x.toLock(&s)
	}
	return s
}
