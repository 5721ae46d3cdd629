package tree

import (
	"github.com/tidwall/btree"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree/packed"
)

// Options bound what a replica keeps beside the tree itself: the history of changes. They may
// differ by replica. 0 keeps nothing.
type Options struct {
	HistoryCount int // changes
	HistoryBytes int
	Format       uint32 // the highest that this replica knows (Z16); 0: cell.Format
}

// facts is what the tree knows of the cell as a whole. A fact is replaced, never edited.
type facts struct {
	mark    record.Mark
	format  uint32 // 0: not born
	cell    string
	id      cell.CellID
	members cell.Members
	lengths cell.Lengths
	limits  cell.Limits
	granted cell.Granted
	key     [32]byte // of handles' check digits
	admin   string   // the first administrator; "": anonymous
	locked  int      // locks with at least one holder
	bytes   int      // of all names and contents
	age     Age
}

// state is everything that snapshots and digests cover. The maps are copied on write, and what
// they point to is edited in place only while no view shares it: see Freeze.
type state struct {
	facts
	nodes    *packed.Map[apart]
	sessions *btree.Map[cell.SessionID, *session]
	locks    *btree.Map[cell.Name, *lock] // not idle ones only
	quotas   *btree.Map[cell.Name, cell.Quota]
	sum      uint64 // of every element's hash: see Digest
}

// Tree is the replicated namespace of one replica. It belongs to one goroutine.
type Tree struct {
	state
	highest uint32 // format that this replica knows
	life    uint64 // counts Freeze; what was made in an earlier life may be shared with a view
	ties    map[cell.SessionID]*ties
	keys    map[[32]byte]cell.SessionID
	history history

	edited cell.Name // the node between ownNode and keepNode; "": none

	idle *lock    // one that is none any more, whose memory the next may take
	lent []Change // see Return

	perishables btree.Set[cell.Name] // nodes with a time-to-live, and containers whose last child has gone

	rehearsed *Tree                  // this is a rehearsal of it, and is thrown away
	owned     map[cell.SessionID]int // in a rehearsal: ephemerals that have come

	acls   *btree.Map[string, cell.Principals] // what each ACL lists: it follows from its node
	aclDir cell.Name
	named  int // nodes with ACL names of their own
}

// New is the tree before the first transaction.
func New(o Options) *Tree {
	if o.Format == 0 {
		o.Format = cell.Format
	}
	return &Tree{
		highest: o.Format,
		state: state{
			nodes:    packed.New[apart](),
			sessions: btree.NewMap[cell.SessionID, *session](0),
			locks:    btree.NewMap[cell.Name, *lock](0),
			quotas:   btree.NewMap[cell.Name, cell.Quota](0),
		},
		ties:    map[cell.SessionID]*ties{},
		keys:    map[[32]byte]cell.SessionID{},
		acls:    btree.NewMap[string, cell.Principals](0),
		history: history{most: o.HistoryCount, mostBytes: o.HistoryBytes},
	}
}

// Mark is the last transaction applied; the zero Mark before the first.
func (f *facts) Mark() record.Mark { return f.mark }

// Born reports whether Birth has been applied.
func (f *facts) Born() bool { return f.format != 0 }

// Cell is the cell's name; "" before birth.
func (f *facts) Cell() string { return f.cell }

// CellID is the cell's random id; zero before birth.
func (f *facts) CellID() cell.CellID { return f.id }

// Members is the member list, by id. It is not to be changed.
func (f *facts) Members() cell.Members { return f.members }

// Lengths are the cell's durations; zero before birth.
func (f *facts) Lengths() cell.Lengths { return f.lengths }

// Limits are the cell's bounds (B2); zero before birth.
func (f *facts) Limits() cell.Limits { return f.limits }

// Granted are the longest leases that may be running (L6); zero before birth.
func (f *facts) Granted() cell.Granted { return f.granted }

// Settings are the cell's lengths and limits together.
func (f *facts) Settings() cell.Settings { return cell.Settings{Lengths: f.lengths, Limits: f.limits} }

// HandleKey is the secret with which the check digits of handles are made; zero before birth.
func (f *facts) HandleKey() [32]byte { return f.key }

// Format is the cell's format version (Z16); 0 before birth.
func (f *facts) Format() uint32 { return f.format }

// Counts tells how many nodes (the root included), sessions (ended ones included) and held locks
// there are.
func (s *state) Counts() (nodes, sessions, locksHeld int) {
	return s.nodes.Len(), s.sessions.Len(), s.locked
}
