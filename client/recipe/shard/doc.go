// Package shard divides a number of shards (accounts, partitions, key ranges) up among those who are
// alive: evenly, with as few moves as can be, and no shard worked on by two.
//
// One of the planners is the leader (recipe.Elect): it watches the group of the members and writes,
// at each change, the plan: who is to work on which shard. The plan is a wish. What excludes is the
// native lock of each shard: a member works on a shard only while it holds that lock, with a context
// that ends before anybody else can hold it and a sequencer that proves it (C1, C2). So a shard that
// moves from a living member is worked on by nobody until that member has let it go, and one of a dead
// member until its session's lease and the lock-delay are over.
//
// A change of the group costs one commit for the plan, one for each shard that moves between the
// living (the hand-over of its lock), and one message to each member.
package shard
