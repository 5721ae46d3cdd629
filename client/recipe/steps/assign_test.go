package steps

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Over any history of comings and goings: everybody has as much as anybody else, within one, and no
// plan moves more shards than the evenness of the next one demands.
func TestAssignIsEvenAndMovesAsLittleAsCanBe(t *testing.T) {
	for seed := range uint64(2000) {
		dice := rand.New(rand.NewPCG(seed, 1))
		was := make([]string, 1+dice.IntN(40))
		var alive []string
		for range 12 {
			if at := dice.IntN(len(alive) + 1); dice.IntN(2) == 0 && at < len(alive) {
				alive = slices.Delete(alive, at, at+1)
			} else if m := fmt.Sprint("m", dice.IntN(9)); !slices.Contains(alive, m) {
				alive = append(alive, m)
				slices.Sort(alive)
			}
			is := assign(was, alive)
			moved := 0
			for i := range is {
				if was[i] != is[i] {
					moved++
				}
			}
			require.Equal(t, leastMoves(was, alive), moved, "seed %d: %v to %v among %v", seed, was, is, alive)
			most, least := spread(is, alive)
			require.LessOrEqual(t, most-least, 1, "seed %d: %v among %v", seed, is, alive)
			was = is
		}
	}
}

func spread(is, alive []string) (most, least int) {
	if len(alive) == 0 {
		return 0, 0
	}
	has := counts(is)
	total := 0
	most, least = 0, len(is)
	for _, m := range alive {
		most, least = max(most, has[m]), min(least, has[m])
		total += has[m]
	}
	if total != len(is) {
		return len(is), 0 // somebody who is not alive has some
	}
	return most, least
}

func counts(owners []string) map[string]int {
	has := map[string]int{}
	for _, m := range owners {
		has[m]++
	}
	return has
}

// leastMoves is how many shards must move at least: those that are kept are, for each who is alive,
// no more than the even share, and no more than the odd ones a shard more.
func leastMoves(was, alive []string) int {
	if len(alive) == 0 {
		return len(was) - counts(was)[""]
	}
	has, each, odd, kept := counts(was), len(was)/len(alive), len(was)%len(alive), 0
	for _, m := range alive {
		kept += min(has[m], each)
		if has[m] > each && odd > 0 {
			kept++
			odd--
		}
	}
	return len(was) - kept
}
