package lease

import "container/heap"

// Queue holds one deadline per key and gives the due ones in order: by deadline, then by the
// order in which they were set. The zero Queue is empty and ready.
type Queue[K comparable] struct {
	items heapOf[K]
	byKey map[K]*item[K]
	seq   uint64
	moved Duration // by which all deadlines have been shifted since they were written down
}

type item[K comparable] struct {
	key K
	at  Instant // less what had been shifted before it was written down
	seq uint64
	pos int
}

// Set gives key the deadline at, in place of any it had.
func (q *Queue[K]) Set(key K, at Instant) {
	if q.byKey == nil {
		q.byKey = map[K]*item[K]{}
	}
	q.seq++
	if at != Never {
		at = at.Add(-q.moved)
	}
	if it, ok := q.byKey[key]; ok {
		it.at, it.seq = at, q.seq
		heap.Fix(&q.items, it.pos)
		return
	}
	it := &item[K]{key: key, at: at, seq: q.seq}
	q.byKey[key] = it
	heap.Push(&q.items, it)
}

// Remove forgets key; it need not be there.
func (q *Queue[K]) Remove(key K) {
	if it, ok := q.byKey[key]; ok {
		heap.Remove(&q.items, it.pos)
		delete(q.byKey, key)
	}
}

// At is key's deadline.
func (q *Queue[K]) At(key K) (Instant, bool) {
	it, ok := q.byKey[key]
	if !ok {
		return Never, false
	}
	return q.shifted(it), true
}

func (q *Queue[K]) shifted(it *item[K]) Instant {
	if it.at == Never {
		return Never
	}
	return it.at.Add(q.moved)
}

// Next is the earliest deadline, Never when there is none.
func (q *Queue[K]) Next() Instant {
	if len(q.items) == 0 {
		return Never
	}
	return q.shifted(q.items[0])
}

// Due removes and gives the first key whose deadline is now or earlier.
func (q *Queue[K]) Due(now Instant) (key K, ok bool) {
	if len(q.items) == 0 || q.shifted(q.items[0]) > now {
		return key, false
	}
	it := heap.Pop(&q.items).(*item[K])
	delete(q.byKey, it.key)
	return it.key, true
}

// Shift moves every deadline by d (L7), however many there are at the same cost (L8).
func (q *Queue[K]) Shift(d Duration) { q.moved += d }

// Len is the number of deadlines.
func (q *Queue[K]) Len() int { return len(q.items) }

type heapOf[K comparable] []*item[K]

func (h heapOf[K]) Len() int { return len(h) }
func (h heapOf[K]) Less(i, j int) bool {
	return h[i].at < h[j].at || (h[i].at == h[j].at && h[i].seq < h[j].seq)
}
func (h heapOf[K]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i, j
}
func (h *heapOf[K]) Push(x any) {
	it := x.(*item[K])
	it.pos = len(*h)
	*h = append(*h, it)
}
func (h *heapOf[K]) Pop() any {
	old := *h
	it := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return it
}
