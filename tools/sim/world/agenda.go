package world

// event is something that is to happen.
type event struct {
	at  True
	seq uint64
	run func()
}

func (e event) before(o event) bool { return e.at < o.at || e.at == o.at && e.seq < o.seq }

// agenda is a heap of events, the earliest on top. Each has four below it: half the levels of the
// usual two, for most events come soon and rise far.
type agenda []event

const branches = 4

func (a *agenda) add(e event) {
	q := append(*a, e)
	at := len(q) - 1
	for at > 0 {
		above := (at - 1) / branches
		if !e.before(q[above]) {
			break
		}
		q[at], at = q[above], above
	}
	q[at] = e
	*a = q
}

// take gives the earliest; there must be one.
func (a *agenda) take() event {
	q := *a
	first, e := q[0], q[len(q)-1]
	q[len(q)-1] = event{}
	q = q[:len(q)-1]
	if len(q) > 0 {
		q.sink(e)
	}
	*a = q
	return first
}

// sink puts e where the top was.
func (a agenda) sink(e event) {
	at := 0
	for {
		least, best := -1, e
		for below := at*branches + 1; below < min(at*branches+1+branches, len(a)); below++ {
			if a[below].before(best) {
				least, best = below, a[below]
			}
		}
		if least < 0 {
			break
		}
		a[at], at = best, least
	}
	a[at] = e
}
