package master

import (
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// age counts the cell's age (tree.Age), by which times-to-live run out, on in one mastership. It stands
// still while nobody could have changed a node (L7), and never passes what is logged as its most: what
// is changed keeps that, and so is never taken for older than it is.
type age struct {
	now     lease.Duration
	most    lease.Duration
	at      lease.Instant  // when it was now
	since   lease.Instant  // this mastership began
	next    lease.Duration // it is logged again at this age
	flying  bool           // a transaction with it is on its way
	resting bool           // till a clock is read after one was applied
}

func newAge(now lease.Instant, was tree.Age) age {
	return age{now: was.Passed, most: was.Upto, at: now, since: now, next: was.Passed + ageLeast}
}

// tick reads the clock.
func (a *age) tick(now lease.Instant) {
	if now <= a.at {
		return
	}
	if !a.resting {
		a.now = min(a.now+now.Sub(a.at), a.most)
	}
	a.at, a.resting = now, false
}

// excuse lets a length of time count for nothing.
func (a *age) excuse(d lease.Duration) { a.at = a.at.Add(d) }

// logged takes up that the most was moved on. A change that was applied just before kept the old most,
// and its clock was not read: what has passed since the last reading counts for nothing.
func (a *age) logged(to *tree.Age) {
	a.flying, a.resting, a.most = false, true, to.Upto
	a.next = to.Passed + a.step()
}

// refused: not even this could be logged.
func (a *age) refused() {
	a.flying = false
	a.next = a.now + ageLeast
}

// step is how much may pass before it is logged again: short at first, so that masterships that follow
// one another quickly make it grow, too.
func (a *age) step() lease.Duration { return min(max(a.at.Sub(a.since), ageLeast), ageMost) }

// log says whether it is time to log the age, and as what.
func (a *age) log() (*tree.Age, bool) {
	if a.flying || a.now < min(a.next, a.most) {
		return nil, false
	}
	a.flying = true
	return &tree.Age{Passed: a.now, Upto: a.now + a.step() + ageSpare}, true
}

// wake is when the age will be d, or when it is to be logged, or a clock to be read.
func (a *age) wake(d lease.Duration) lease.Instant {
	at := lease.Never
	if a.resting {
		return a.at + 1
	}
	if d <= a.most {
		at = a.at.Add(max(d-a.now, 1))
	}
	if !a.flying {
		at = min(at, a.at.Add(max(min(a.next, a.most)-a.now, 1)))
	}
	return at
}
