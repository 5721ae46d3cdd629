// Package recipe builds on package client what people build on ZooKeeper: elections, semaphores,
// barriers, queues, groups, configuration, names. Each says what it guarantees and what it costs.
//
// Look first at what needs no recipe: a lock is Session.Lock (with Shared, TryLock, WithLock; the
// queue is the cell's, a hand-over is one commit and one message), a cache of nodes is Session.Read,
// a persistent watch is Session.Watch.
//
// # Where to find the recipes of ZooKeeper and Curator
//
//	LeaderLatch, LeaderSelector, election        Elect, Election; who leads: Observe; cellctl elect
//	InterProcessMutex                            Session.Lock, WithLock; cellctl lock
//	InterProcessReadWriteLock                    Session.Lock with Shared()
//	InterProcessSemaphoreMutex (not reentrant)   Session.Lock: a hold belongs to who got it, no thread re-enters
//	InterProcessMultiLock                        Session.Lock in the order of the names
//	InterProcessSemaphoreV2                      Semaphore
//	lock as sequential nodes                     SequentialLock, second best
//	revocable lock                               cellctl lock break
//	DistributedBarrier                           Barrier
//	DistributedDoubleBarrier                     DoubleBarrier
//	DistributedQueue, DistributedIdQueue         Queue; an element's name is its id
//	DistributedPriorityQueue                     PriorityQueue
//	DistributedDelayQueue                        none: an element says itself when it is due
//	tasks assigned to workers                    Tasks
//	QueueSharder                                 several Queues; shard.Shards divides them up
//	GroupMember, PersistentNode                  Members
//	ServiceDiscovery                             Naming.Register, Service, Lookup
//	SharedCount, DistributedAtomicLong           Value[int64], Update
//	SharedValue, NodeCache                       Value: Get is from the consistent cache
//	PathChildrenCache, TreeCache, CuratorCache   Session.Read and List, which are never stale; Session.Watch
//	unique ids                                   Naming.ID
//	two-phase commit                             Session.Txn, where all is in the cell
//	partitioning, Helix, task farm               package shard
//
// # What they have in common
//
// A recipe takes a Session and lives in it; Elect, Observe and Lasting take a Client, open sessions
// by themselves and outlive them. A ctx bounds waiting and ends it at once but for what must be put in
// order, which takes a second at most; what cannot be done in that time the end of the session does.
// What most of them do, call after call, is in package steps, which the simulator runs, too.
// No goroutine outlives the call that started it, with one exception: a node whose creation was
// given up while the answer was on its way is removed when the answer comes, by the session.
//
// Whoever holds something (a lead, a permit, a claim) has a Context that ends, by a local timer, before
// anybody else can have it, and a sequencer that fails every check from then on: C1 and C2 reach this
// far. Rules that they keep themselves:
//
//   - C7 (as its user) What is acknowledged happened once: no element of a queue is delivered after
//     its acknowledgement, no update of a Value is lost.
//   - C9 (as its user) Groups, queues and barriers follow the events and read no list again; a resync
//     makes them forget and begin anew.
package recipe
