package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// The nodes below the name of what is divided up.
const (
	members = "/members"
	plan    = "/plan"
	shards  = "/shards/"
)

// MembersOf is the group of those who work.
func MembersOf(name string) string { return name + members }

// ShardName is the node whose lock decides who works on a shard.
func ShardName(name string, shard int) string { return name + shards + strconv.Itoa(shard) }

// Owners is who is to work on each of count shards by the last plan, "" for nobody.
func Owners(p Port, name string, count int) ([]string, error) {
	contents, _, err := p.Read(name + plan)
	if errors.Is(err, cell.ErrNotFound) {
		return make([]string, count), nil
	}
	if err != nil {
		return nil, err
	}
	owners, err := parsePlan(name, contents)
	if len(owners) != count {
		owners = make([]string, count)
	}
	return owners, err
}

func parsePlan(name string, contents []byte) (owners []string, err error) {
	if err = json.Unmarshal(contents, &owners); err != nil {
		err = fmt.Errorf("%w: %s%s holds no plan: %w", cell.ErrUsage, name, plan, err)
	}
	return owners, err
}

// Lead writes a plan for each change of the group, while the hold stands.
func Lead(p Port, name string, count int, held cell.Sequencer) error {
	now, err := Owners(p, name, count)
	if err != nil {
		return err
	}
	feed := p.Watch(name+members, WithChildren)
	defer feed.Stop()
	for group := newCrowd(name + members); ; {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		if group.note(e); !group.synced {
			continue
		}
		next := assign(now, slices.Sorted(maps.Keys(group.all)))
		if slices.Equal(next, now) {
			continue
		}
		contents, err := json.Marshal(next)
		if err == nil {
			err = p.Write(name+plan, contents, 0, held)
		}
		if err != nil {
			return err
		}
		now = next
	}
}

// Follow tells a member which shards to begin with, and which to end, as the plans say.
func Follow(p Port, name string, count int, member string, begin, end func(shard int)) error {
	feed := p.Watch(name+plan, Alone)
	defer feed.Stop()
	for mine := make([]bool, count); ; {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		var owners []string
		switch e.Kind {
		case call.EventCurrent, call.EventCreated, call.EventModified:
			if owners, err = parsePlan(name, e.Contents); err != nil {
				return err
			}
		case call.EventDeleted:
		default:
			continue
		}
		for shard, have := range mine {
			given := shard < len(owners) && owners[shard] == member
			switch mine[shard] = given; {
			case given && !have:
				begin(shard)
			case !given && have:
				end(shard)
			}
		}
	}
}
