package check

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// replay is the tree that a log gives, and what it is compared with on the way.
type replay struct {
	t         *tree.Tree
	snapshots []taken
	points    []point
	announced int // digests that markers in the log announce
	agreed    int // of them, those of points that were replayed here
	err       error
}

type taken struct {
	mark   record.Mark
	digest uint64
}

type point struct{ index, digest uint64 }

// keepPoints is how many points back a marker may announce one.
const keepPoints = 64

// replay applies records, as far as the first that something is wrong with.
func (r *replay) replay(rs []record.Record) {
	for _, rec := range rs {
		if r.err != nil || rec.Index != r.t.Mark().Index+1 {
			continue // before the snapshot; or a gap, which is said at the end
		}
		if r.err = r.apply(rec); r.err == nil {
			r.err = r.compare(rec.Mark())
		}
	}
}

func (r *replay) apply(rec record.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", record.ErrDamaged, p)
		}
	}()
	done := r.t.Apply(rec)
	if done.Fatal != "" {
		return record.Newer("%s", done.Fatal)
	}
	from, ok := done.Point()
	if !ok {
		return nil
	}
	digest, _ := r.t.Report(from)
	if r.points = append(r.points, point{rec.Index, digest}); len(r.points) > keepPoints {
		r.points = r.points[1:]
	}
	if m, is := done.Txn.Op.(*tree.Marker); is && m.Agreed > 0 {
		return r.announcement(rec.Mark(), m)
	}
	return nil
}

// announcement compares with what a quorum of the replicas had.
func (r *replay) announcement(at record.Mark, m *tree.Marker) error {
	r.announced++
	i := slices.IndexFunc(r.points, func(p point) bool { return p.index == m.Agreed })
	switch {
	case i < 0:
		return nil
	case r.points[i].digest != m.Digest:
		return record.Damaged("at index %d the tree has the digest %016x; the marker %v says that a quorum had %016x",
			m.Agreed, r.points[i].digest, at, m.Digest)
	}
	r.agreed++
	return nil
}

// compare holds the tree against a snapshot of the same point.
func (r *replay) compare(at record.Mark) error {
	for _, s := range r.snapshots {
		if s.mark == at && s.digest != r.t.Digest() {
			return record.Damaged("at %v the log gives a tree with the digest %016x, the snapshot has %016x", at,
				r.t.Digest(), s.digest)
		}
	}
	return nil
}
