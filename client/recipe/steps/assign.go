package steps

import (
	"slices"
	"strings"
)

// assign says who is to work on each shard: was is who does, and members who may, sorted. Nobody has
// more than one shard more than anybody else, and as few as possible move; a shard is without a member
// ("") only when there are none.
func assign(was []string, members []string) []string {
	is := make([]string, len(was))
	if len(members) == 0 {
		return is
	}
	room := quotas(was, members)
	for shard, member := range was {
		if room[member] > 0 {
			room[member]--
			is[shard] = member
		}
	}
	next := 0
	for shard := range is {
		if is[shard] != "" {
			continue
		}
		for room[members[next]] == 0 {
			next++
		}
		room[members[next]]--
		is[shard] = members[next]
	}
	return is
}

// quotas is how many shards each member is to have. The odd ones go to those who have most now, so
// that these need not give them away.
func quotas(was, members []string) map[string]int {
	has := map[string]int{}
	for _, m := range was {
		has[m]++
	}
	order := slices.Clone(members)
	slices.SortFunc(order, func(a, b string) int {
		if d := has[b] - has[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	room := map[string]int{}
	each, odd := len(was)/len(members), len(was)%len(members)
	for i, m := range order {
		room[m] = each
		if i < odd {
			room[m]++
		}
	}
	return room
}
