package world

import "math/rand/v2"

// Dice are all the chance there is in a run: everything drawn comes from one seed.
type Dice struct{ r *rand.Rand }

// NewDice are the dice of a seed.
func NewDice(seed uint64) Dice { return Dice{rand.New(rand.NewPCG(seed, 0x6c65617365))} }

// Chance is true p times in a million.
func (d Dice) Chance(p int) bool { return p > 0 && d.r.IntN(1_000_000) < p }

// Below is a number in 0 … n−1.
func (d Dice) Below(n int) int { return d.r.IntN(n) }

// Between is a length in low … high, both included.
func (d Dice) Between(low, high True) True { return low + True(d.r.Int64N(int64(high-low)+1)) }

// Skewed is a length of at least low, mostly near it, at times up to high: three draws, the
// smallest counts.
func (d Dice) Skewed(low, high True) True {
	return min(d.Between(low, high), d.Between(low, high), d.Between(low, high))
}

// Number is any 64-bit number but 0.
func (d Dice) Number() uint64 { return max(1, d.r.Uint64()) }

// Some gives a subset of 0 … n−1 with at least one and at most most members, rising.
func (d Dice) Some(n, most int) []int {
	want := 1 + d.Below(min(n, most))
	chosen := make([]bool, n)
	for _, i := range d.r.Perm(n)[:want] {
		chosen[i] = true
	}
	var members []int
	for i, c := range chosen {
		if c {
			members = append(members, i)
		}
	}
	return members
}
