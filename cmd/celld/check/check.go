package check

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
)

// inspection is one directory being looked at.
type inspection struct {
	out     io.Writer
	dir     string
	at      *wal.Inspector
	damaged int
	parts   int

	birth record.Birth
	hard  record.HardState
	had   bool // there is a hard state
	begun bool // there is a log, or a snapshot
	tree  replay
}

// Run writes to out what it finds, a line for each part. Errors: cell.ErrDamaged, when a line says so;
// cell.ErrUsage for what is no data directory; wal.ErrInUse; the disk's own.
func Run(dir string, out io.Writer) (err error) {
	at, err := wal.Inspect(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: there is no data directory %s", cell.ErrUsage, dir)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.Close()) }()
	i := &inspection{out: out, dir: dir, at: at}
	if !i.looksLikeOne() {
		return fmt.Errorf("%w: %s is no data directory of a replica: name one like DIR/data-1", cell.ErrUsage, dir)
	}
	i.files()
	marks := i.snapshots()
	i.log(marks)
	for _, name := range at.Leftovers() {
		i.note("%s is left over: the next start removes it, or the next snapshot", name)
	}
	if i.damaged > 0 {
		return fmt.Errorf("%w: %d of %d parts of %s are not sound", cell.ErrDamaged, i.damaged, i.parts, dir)
	}
	return nil
}

// looksLikeOne: something that a replica makes is there.
func (i *inspection) looksLikeOne() bool {
	for _, name := range []string{"birth", "hard", "CURRENT", "LOCK", "snapshots"} {
		if _, err := os.Stat(i.dir + "/" + name); err == nil {
			return true
		}
	}
	return false
}

// files looks at birth record and hard state.
func (i *inspection) files() {
	b, ok, err := wal.ReadBirth(i.dir)
	switch {
	case err != nil:
		i.bad("birth", err)
	case !ok:
		i.note("birth: none, the directory is adopted by its cell at the next start")
	default:
		i.birth = b
		i.at.Snapshots().SetCell(b.Cell)
		i.ok("birth: %v", b)
	}
	var spoilt *record.Refusal
	if i.hard, i.had, spoilt, err = i.at.Hard(); err != nil {
		i.bad("hard", err)
		return
	}
	if spoilt != nil {
		i.bad("hard", fmt.Errorf("%w: %s; the next start takes its other copy, and writes that in its place",
			spoilt.Reason, spoilt.What))
	}
	if !i.had {
		i.note("hard: none, the replica was never started here")
		return
	}
	h := &i.hard
	i.ok("hard: incarnation %x, start %d, accepted epoch %d from replica %d, current epoch %d", uint64(h.Incarnation),
		h.Boot, h.AcceptedEpoch, h.AcceptedFrom, h.CurrentEpoch)
	if h.Quarantined {
		i.note("hard: the replica is in quarantine: its tree was not a quorum's; the next start has it rebuilt by its peers")
	}
	if h.Copied || h.Removed {
		i.note("hard: this directory is refused for good (put back from a copy: %v, removed from the cell: %v): "+
			"empty it and start anew", h.Copied, h.Removed)
	}
	if why, died, err := wal.ReadDeath(i.dir); err != nil {
		i.bad("died", err)
	} else if died {
		i.bad("died", why)
	}
}

func (i *inspection) ok(format string, args ...any) {
	i.parts++
	i.line("ok", format, args...)
}

func (i *inspection) note(format string, args ...any) { i.line("note", format, args...) }

// bad counts a damaged part; the errors of records name their remedy, others are given the usual one.
func (i *inspection) bad(part string, err error) {
	i.parts++
	i.damaged++
	var refusal *record.Refusal
	if errors.As(err, &refusal) {
		i.line("damaged", "%s: %v", part, err)
		return
	}
	i.line("damaged", "%s: %v; %s", part, err, record.Rebuild)
}

func (i *inspection) line(word, format string, args ...any) {
	_, _ = fmt.Fprintf(i.out, "%-8s %s\n", word, fmt.Sprintf(format, args...)) // who reads no more has the exit code
}
