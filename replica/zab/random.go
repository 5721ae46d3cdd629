package zab

import "github.com/leasehold/leasehold/lease"

// random is a splitmix64 generator: jitter only, never a secret.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// upTo is a length from 0 to d.
func (r *random) upTo(d lease.Duration) lease.Duration {
	if d <= 0 {
		return 0
	}
	return lease.Duration(r.next() % uint64(d+1))
}
