package check

import (
	"math"

	"github.com/leasehold/leasehold/cell"
)

// Rights checks what somebody was shown, or refused, of names whose ACLs change, with one reader in
// mind: every answer must have been right at some instant between question and answer. A right that
// was taken away, and that known to somebody, before the question gives no answer any more, from no
// cache either (C6, B1).
type Rights struct {
	court *Court
	names map[cell.Name][]period
}

// period is how long the reader may, or may not, read a name: from when that is in the history, until
// somebody has been told that it is over. Zxid is that of its beginning.
type period struct {
	may         bool
	zxid        cell.Zxid
	from, until int64
}

// NewRights knows nothing.
func NewRights(c *Court) *Rights { return &Rights{court: c, names: map[cell.Name][]period{}} }

// Applied takes how it stands with name when the history has come to z.
func (r *Rights) Applied(name cell.Name, may bool, z cell.Zxid, now int64) {
	all := r.names[name]
	if n := len(all); n == 0 || all[n-1].may != may {
		r.names[name] = append(all, period{may: may, zxid: z, from: now, until: math.MaxInt64})
	}
}

// Told takes that somebody has been told of the transaction z.
func (r *Rights) Told(name cell.Name, z cell.Zxid, now int64) {
	all := r.names[name]
	for i := 1; i < len(all); i++ {
		if all[i].zxid <= z {
			all[i-1].until = min(all[i-1].until, now)
		}
	}
}

// Answered takes that the reader asked at begin and was shown the name, or refused, at end.
func (r *Rights) Answered(name cell.Name, shown bool, begin, end int64) {
	for _, p := range r.names[name] {
		if p.may == shown && p.from <= end && p.until >= begin {
			return
		}
	}
	r.court.Fail("C6", "%s was shown: %v, asked for at %d and answered at %d; who may read it was never so meanwhile: %v",
		name, shown, begin, end, r.names[name])
}
